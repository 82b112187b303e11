"""What the engine may see of an enquirer and of a sought person: each is the other's relative."""

from collections.abc import Sequence
from uuid import UUID

from tracing.matching import Person
from tracing.persons.schemas import PersonDraft, Relation, RelativeDraft, Sex
from tracing.persons.traits import to_person
from tracing.requests.schemas import Relationship, SealedRequest, SealedSought, SoughtDetails

_R = Relationship
OF_SOUGHT: dict[Relationship, Relation] = {
    _R.MOTHER: Relation.MOTHER,
    _R.FATHER: Relation.FATHER,
    _R.SON: Relation.CHILD,
    _R.DAUGHTER: Relation.CHILD,
    _R.BROTHER: Relation.SIBLING,
    _R.SISTER: Relation.SIBLING,
    _R.HALF_SIBLING: Relation.SIBLING,
    _R.HUSBAND: Relation.SPOUSE,
    _R.WIFE: Relation.SPOUSE,
    _R.PARTNER: Relation.SPOUSE,
    _R.GRANDMOTHER: Relation.GRANDPARENT,
    _R.GRANDFATHER: Relation.GRANDPARENT,
}
"""What the sought person is to the enquirer, in the engine's words; the rest is `other`."""

PARENT = {Sex.MALE: Relation.FATHER, Sex.FEMALE: Relation.MOTHER}


def of_enquirer(relationship: Relationship, enquirer: PersonDraft) -> Relation:
    """Return what the enquirer is to the sought person: the relationship seen from the other side."""
    if relationship in (_R.SON, _R.DAUGHTER):
        return PARENT.get(enquirer.sex, Relation.OTHER)
    if relationship in (_R.MOTHER, _R.FATHER):
        return Relation.CHILD
    if relationship is _R.GRANDCHILD:
        return Relation.GRANDPARENT
    same = OF_SOUGHT.get(relationship, Relation.OTHER)
    return same if same in (Relation.SIBLING, Relation.SPOUSE) else Relation.OTHER


def kin_of_sought(details: SoughtDetails, enquirer: PersonDraft) -> list[RelativeDraft]:
    """Return the enquirer as a relative of the sought person, once per name."""
    relation = of_enquirer(details.relationship, enquirer)
    return [RelativeDraft(relation=relation, name=name.full) for name in enquirer.names]


def kin_of_enquirer(sought: Sequence[SoughtDetails]) -> list[RelativeDraft]:
    """Return those whom the enquirer seeks as their relatives, once per name."""
    return [
        RelativeDraft(relation=OF_SOUGHT.get(details.relationship, Relation.OTHER), name=name.full)
        for details in sought
        for name in details.person.names
    ]


def sought_person(record_id: UUID, details: SealedSought) -> Person:
    """Return the engine's view of a sought person."""
    return to_person(record_id, details.person, relatives=tuple(details.kin))


def enquirer_person(record_id: UUID, details: SealedRequest) -> Person:
    """Return the engine's view of an enquirer."""
    return to_person(record_id, details.enquirer.person, relatives=tuple(details.kin))
