"""Stages of the chain from research to launch, who leads them, and how projects are lost."""

MESSAGES = {
    "chain.applied_research": "applied research",
    "chain.invention": "invention",
    "chain.pilot": "pilot",
    "chain.industrialisation": "industrialisation",
    "chain.launch": "launch",
    "chain.firm": "Firms",
    "chain.university": "Universities",
    "chain.institute": "Institutes",
    "chain.alone": "Without partners",
    "chain.partnered": "With partners",
    "chain.failed": "failed",
    "chain.died_waiting": "died waiting for a capability",
    "chain.shelved": "invention shelved",
    "chain.owner_left": "owner left",
    "chain.sold_outside": "sold to the rest of the nation",
    "chain.nothing": "no project left a stage",
}
