"""What one member of a house is to another, in the words of a tracing request."""

from __future__ import annotations

from tracing.demo.families import Member


def relationship(enquirer: Member, sought: Member) -> str:
    """What `sought` is to `enquirer`: mother, cousin ...; `other_family` where no nearer word exists."""
    woman = sought.sex == "female"
    if sought in (enquirer.father, enquirer.mother):
        return "mother" if woman else "father"
    if sought is enquirer.spouse:
        return "wife" if woman else "husband"
    if sought in enquirer.siblings:
        return "sister" if woman else "brother"
    if sought in enquirer.children:
        return "daughter" if woman else "son"
    parents = [parent for parent in (enquirer.father, enquirer.mother) if parent is not None]
    if any(sought in (parent.father, parent.mother) for parent in parents):
        return "grandmother" if woman else "grandfather"
    if any(sought in child.children for child in enquirer.children):
        return "grandchild"
    return _side_line(enquirer, sought, parents)


def _side_line(enquirer: Member, sought: Member, parents: list[Member]) -> str:
    brothers_and_sisters = [other for parent in parents for other in parent.siblings]
    if sought in brothers_and_sisters or any(sought is other.spouse for other in brothers_and_sisters):
        return "aunt" if sought.sex == "female" else "uncle"
    if any(sought in other.children for other in brothers_and_sisters):
        return "cousin"
    if any(sought in other.children for other in enquirer.siblings):
        return "niece_nephew"
    spouse = enquirer.spouse
    if spouse is not None and (sought in (spouse.father, spouse.mother) or sought in spouse.siblings):
        return "in_law"
    if any(sought is other.spouse for other in (*enquirer.siblings, *enquirer.children)):
        return "in_law"
    return "other_family"
