"""The page of `ydsim report`: heads, captions, and sentences between numbers."""

MESSAGES = {
    "report.lang": "en",
    "report.contents": "Contents",
    "report.foot": "One file: no script, no font and no picture from elsewhere. Everything on it "
    "was computed from the results named above; nothing on it is an observation unless it says "
    "official.",
    # head
    "report.unfinished": "{name} is not complete: {done} of {runs} are finished, {failed} failed. "
    "All numbers are of the finished ones. To go on: ydsim resume {folder}",
    "report.goes_from": "{outcome} of the region: {first} in {start}, {last} in {end} ({unit}).",
    "report.one_replicate": "One replicate: numbers have no interval, and what is luck cannot be "
    "told from what is not. Run again with --replicates 5 or more.",
    "report.intervals": "Means of {n} replicates; brackets hold 95 % intervals of the mean "
    "(Student's t), which are about the luck of the draws and not about what the model leaves out.",
    # scenario
    "report.scenario": "The scenario",
    "report.against": "Base: {base}. Held against it, with all that differs:",
    "report.differs_in_nothing": "differs in nothing",
    "report.frame": "Years {start} to {end} by quarters; world {world}; {share} % of the "
    "technology-active firms are drawn, and numbers are weighted up to all of them.",
    "report.policies_of": "Policies of {name}",
    "report.policies": "Policies in force: {n}",
    "report.policy_policy": "policy",
    "report.policy_from": "from",
    "report.policy_until": "until",
    "report.policy_strength": "strength",
    "report.policy_whom": "for whom",
    "report.policy_settings": "own settings",
    "report.no_policy": "No policy is in force.",
    "report.foreign_policy": "{name}, a policy that does not come with ydsim",
    "report.always": "the beginning",
    "report.open_end": "open",
    "report.with_ramp": "{strength}, reached over {years} years",
    "report.everyone": "all",
    "report.yes": "yes",
    "report.no": "no",
    "report.governance": "Governments decide by themselves (governance: {mode}).",
    "report.shocks": "The experimenter treats units drawn by lot: {names}. Who was treated is in "
    "the table shocks.",
    "report.only_base": "Of more than two settings only the base is shown here; the others are in "
    "full at the end of the page.",
    # numbers
    "report.numbers": "Headline numbers",
    "report.not_yearly": "These results do not keep every quarter, so there are no yearly numbers.",
    "report.outcome": "outcome",
    "report.outcome_and_province": "outcome and province",
    "report.outcome_and_place": "outcome and place",
    "report.numbers_of_region": "The whole region, by year",
    "report.numbers_in_year": "The whole region in {year}",
    "report.numbers_of_provinces": "Provinces, by year",
    "report.numbers_of_provinces_named": "Provinces under {name}, by year",
    "report.by_province": "By province",
    # figures
    "report.figures": "Figures",
    "report.figure": "Figure {n}",
    "report.caption": "Figure {n}. {shows}. {finding}",
    "report.no_figure": "{shows}: not drawn. {why}",
    "report.no_figure_of_points": "{shows}: drawn of runs alone, and this is a point of a sweep. "
    "Run the scenario at the end of the page with ydsim run.",
    # gains
    "report.gains": "Who gains, who loses",
    "report.nothing_compared": "Nothing is compared here, so nobody gains or loses by a policy: "
    "the table shows how provinces stand. For effects name a second folder, the base first: ydsim "
    "report BASE OTHER.",
    "report.shares": "Per cent of the region's total",
    "report.nobody": "No effect in any province, or in the region, can be told from luck with so "
    "many replicates; smaller ones may be there.",
    "report.effects": "Changes against the base in pairs of the same draws (n = {n}), mean of "
    "{first}-{last} ({why}), of stocks the last year; brackets hold 95 % intervals. Counted as a "
    "gain or a loss is only what is beyond zero when all {tests} tests are counted (Holm).",
    "report.effects_one": "Changes against the base in one pair of the same draws, {first}-{last} "
    "({why}). One pair has no interval: who gains and who loses cannot be told from luck.",
    "report.region": "region",
    "report.the_region": "the region",
    "report.base_value": "base",
    "report.change": "change",
    "report.all_effects": "All effects by province",
    "report.effects_read": "Change in per cent of the base, of shares in percentage points; "
    "* beyond zero when all tests are counted, (*) by false discovery rate alone",
    "report.money": "Public money",
    "report.policies_money": "Money of policies in {name}, 100 million yuan a year in the years in "
    "which they have any, mean over replicates",
    "report.policies_head": "years; asked for; taken up; leaked; left over",
    # chain
    "report.chain": "What holds the chain back",
    "report.tightest": "Bottleneck: {finding}.",
    "report.of_other": "This analysis is of another scenario, {name}.",
    "report.no_bottleneck": "No analysis of bottlenecks was given. It moves each stage's capacity "
    "and each friction alone; name its folder beside the others. Until then the funnel shows where "
    "projects end, which is not the same as what would help most.",
    "report.together": "Groups of actors alone and together",
    "report.study_made_by": "Made by: {made}",
    # fit
    "report.fit": "Beside official figures",
    "report.no_official": "No official figure falls into the years of these results.",
    "report.fit_short": "Of {n} official figures of {years}, by province and for the region, "
    "{missed} are missed by more than {limit} %.",
    "report.fit_short_none": "None of {n} official figures of {years}, by province and for the "
    "region, is missed by more than {limit} %.",
    "report.fit_read": "Inputs, and measures formed of several figures, are left out. "
    "Meeting a figure that was fitted or set by hand with it in view shows that the rules can meet "
    "it, not that they predict it; the last column says which.",
    "report.misses": "Missed, the largest gap first:",
    "report.miss": "{outcome} of {place} in {year}: {gap} % ({simulated} simulated, {official} "
    "official)",
    "report.more_misses": "and {n} more, in the tables",
    "report.all_figures": "By province, and all other figures",
    "report.fit_of_region": "The whole region, simulated beside official",
    "report.fit_of_provinces": "Provinces and other figures, simulated beside official",
    "report.fit_what": "figure",
    "report.fit_year": "year",
    "report.fit_simulated": "simulated",
    "report.fit_official": "official",
    "report.fit_gap": "gap",
    "report.fit_verdict": "verdict",
    "report.fit_standing": "how it was met",
    "report.missed": "missed",
    "report.met": "met",
    "report.standing_hand": "set by hand with it in view",
    "report.standing_follows": "follows from R&D and fitted wages",
    "report.standing_part": "a fixed part of public money, an input",
    "report.standing_fitted": "fitted",
    "report.standing_unknown": "no row of its own in docs/odd.md",
    # basis
    "report.basis": "What is data, what is assumed",
    "report.marks": "Every value of the model has a mark. Data: fixed by official series. Prior: "
    "from literature. Calibrated: fitted or set by hand against figures. Assumed: no source. "
    "Control: a setting of the experiment, not a property of the region.",
    "report.counts": "Values of parameters and of policies in force, by mark",
    "report.setting": "scenario",
    "report.all": "all",
    "report.mark_data": "data",
    "report.mark_prior": "prior",
    "report.mark_calibrated": "calibrated",
    "report.mark_assumed": "assumed",
    "report.mark_control": "control",
    "report.mark_unknown": "not known",
    "report.source_unknown": "no key of this version of ydsim",
    "report.changed_by": "What {name} changes",
    "report.nothing_changed": "All values are defaults.",
    "report.changed_values": "Values other than the default: {n}",
    "report.value_key": "key",
    "report.value_value": "value",
    "report.value_default": "default",
    "report.value_unit": "unit",
    "report.value_mark": "mark",
    "report.value_source": "source",
    # limits
    "report.limits": "What not to conclude",
    "report.limits_here": "Of this page in particular:",
    "report.limit_one": "It rests on one replicate: no difference on it can be told from luck.",
    "report.limit_few": "It rests on {n} replicates: intervals are wide, and effects that are not "
    "shown may still be there.",
    "report.limit_scale": "It draws {share} % of firms, the usual sample is {usual} %: cities and "
    "small groups rest on few firms.",
    "report.limit_alone": "It shows one scenario: what it shows is no effect of a policy.",
    # again
    "report.reproduce": "How to get it again",
    "report.again": "With ydsim {version} (Python, Linux) the same scenario and seed give the same "
    "numbers. Save each scenario below under its name, then:",
    "report.needs_code": "It needs policies of these modules, which do not come with ydsim: "
    "{modules}. --allow-code runs them; read them first.",
    "report.made": "What made the page",
    "report.made_name": "scenario",
    "report.made_hash": "hash",
    "report.made_seed": "seed",
    "report.made_scale": "scale",
    "report.made_replicates": "replicates",
    "report.made_years": "years",
    "report.made_world": "world",
    "report.made_version": "version",
}
