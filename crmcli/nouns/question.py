"""A question of a survey's form."""

from crmcli.nouns import Field, Listed, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("form", "text", "Form", ("表单", "问卷")),
    Field("code", "text", "Code", ("代码", "题号")),
    Field("moment", "code", "Moment", ("阶段", "时段"), vocabulary="survey_moment"),
    Field("en", "text", "English", ("英文",)),
    Field("zh", "text", "Chinese", ("中文",)),
    Field("weight", "number", "Weight", ("权重",)),
    Field("position", "number", "Position", ("顺序",)),
    Field("origin", "text", "Origin", written=False),
    Field("hidden", "flag", "Hidden", ("隐藏",)),
    Field("answers", "number", "Answers", written=False),
)

NOUN = Noun(
    name="question",
    plural="questions",
    view="questions",
    fields=FIELDS,
    columns=("code", "moment", "en", "zh", "weight", "form", "id"),
    sort=("form", "position"),
    listed=Listed("hidden:no", unless=("hidden",)),
)
