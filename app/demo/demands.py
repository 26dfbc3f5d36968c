"""Demo demands: every state, every way in and every way to end, told through the product's own actions at believable past moments. Deterministic."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from app.areas.models import Area, Organisation
from app.demands import actions
from app.demands.actions import Claim, Place, desk
from app.demands.models import Demand, DemandDepartment, DemandLink
from app.enterprises.models import Enterprise, EnterpriseTag
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.kernel.worktime import WorkCalendar
from app.policies.queries import work_calendar

TEXTS = (
    ("energy", "厂区所在线路经常跳闸，上月停电四次，影响连续生产，希望协调增容并提前告知检修。", "已协调供电公司更换分支开关，检修计划提前三天书面告知。"),
    ("finance", "原材料涨价后流动资金紧张，抵押物不足，希望帮助对接信用贷款或担保。", "已组织银企对接，两家银行上门尽调，市担保公司同意提供担保。"),
    ("labour", "缺数控车床和焊接技工二十人，春节后一直招不满，希望组织专场招聘或校企合作。", "已列入本月专场招聘，并与技师学院签订订单培养意向。"),
    ("land", "现有厂房已满负荷，计划新上两条生产线，需要二十亩工业用地或标准厂房。", "园区现有标准厂房可租，用地指标待下一批次申报。"),
    ("policy", "去年认定专精特新后奖励资金还没有到账，想了解兑现进度和需要补的材料。", "奖励已列入本年度预算，材料齐全，预计下季度拨付。"),
    ("technology", "铜铝复合板轧制的表面缺陷一直解决不了，希望对接高校专家来厂诊断。", "已请聊城大学材料学院两位教授到厂，形成改进方案。"),
    ("arrears", "给一家国有施工单位供货，尾款八十六万元拖欠一年多，多次催要无果。", "已约谈欠款单位，双方签订分三期付款协议，首期已到账。"),
    ("tax", "增值税留抵退税申请提交后一直没有结果，希望帮助了解进度。", "因发票信息不一致退回，已辅导更正，退税款已办理。"),
    ("approval", "扩建项目环评和消防手续不清楚先办哪个，跑了几次窗口，希望一次性告知。", "已提供一次性告知单，并安排专人帮办。"),
    ("market", "产品质量不错但本地配套率低，希望推荐给链主企业作配套供应商。", "已推荐参加产业链供需对接会，正在送样检测。"),
    ("regulation", "同一个月内环保、应急、消防分别来检查三次，希望能合并检查。", "已函告有关部门按“综合查一次”安排，年内不再重复检查。"),
    ("suggestion", "建议把数字化改造补贴的申报时间从年底提前到三季度，方便企业安排资金。", "建议已采纳，下一年度通知拟提前到八月发布。"),
    ("energy", "天然气价格上涨较多，陶瓷窑炉成本压力大，希望了解有没有用气补贴。", "目前没有直接补贴政策，已告知直供气申请条件，由企业自行选择。"),
    ("finance", "银行贷款下月到期，续贷审批没有下来，担心断贷，希望使用应急转贷资金。", "转贷基金已放款，续贷已批复。"),
    ("labour", "外地引进的两名工程师子女入学没有着落，希望按人才政策协调。", "已按人才子女入学办法安排到就近学校。"),
    ("other", "厂门口道路坑洼，大货车进出困难，雨天积水严重，希望安排维修。", "已列入县区道路养护计划，先行填补坑槽。"),
)
PERSONS = (
    ("industry", "张科长", "运行科"), ("development_reform", "冯联络", "能源科"), ("science", "于科长", "高新科"), ("finance", "孟科长", "企业科"),
    ("market_regulation", "靳科长", "质量科"), ("local_finance", "蔡科长", "银行科"), ("tax", "谷科长", "纳税服务科"), ("human_resources", "宫科长", "就业科"),
    ("approval", "时科长", "投资项目科"), ("natural_resources", "解科长", "利用科"), ("commerce", "荣科长", "招商科"), ("central_bank", "殷科长", "货币信贷科"),
    ("statistics", "翟科长", "工业科"),
)
NOT_YET = "按现行政策和条件目前还不能解决，已记录并列入跟踪，条件具备时第一时间告知企业。"
BUREAU = "bureau"
MARK = "政务服务大厅海报"
Plan = Callable[["Story"], None]


class Story:
    """One demand and the moment it has reached. ``go`` moves on by office hours, never beyond now."""

    def __init__(self, number: int, firm: Enterprise, days_ago: int, calendar: WorkCalendar, officers: dict[str, Actor], departments: dict[str, int]) -> None:
        self.number, self.firm, self.calendar, self.officers, self.departments = number, firm, calendar, officers, departments
        self.domain, self.text, self.answer = TEXTS[number % len(TEXTS)]
        self.now = clock.now()
        self.at = calendar.add_work_minutes(self.now - timedelta(days=days_ago), 20 + number * 13 % 200)
        self.row: Demand
        self.fits = True
        if self.at >= self.now:  # outside office hours: it came a moment ago
            self.at = self.now - timedelta(minutes=20 + number)

    def go(self, hours: float) -> bool:
        """Whether there is still time for the next step."""
        later = self.calendar.add_work_hours(self.at, hours)
        self.fits = self.fits and later < self.now
        self.at = later if self.fits else self.at
        return self.fits

    def do(self, step: Callable[[Demand], object], hours: float = 1) -> None:
        if self.go(hours):
            with clock.pretend(self.at):
                step(self.row)

    @property
    def officer(self) -> Actor:
        return self.officers[BUREAU]

    @property
    def handler(self) -> Actor:
        return self.officers.get(self.lead, self.officer)

    @property
    def lead(self) -> str:
        usual = {"energy": "development_reform", "finance": "local_finance", "labour": "human_resources", "land": "natural_resources", "technology": "science",
                 "market": "commerce", "tax": "tax", "approval": "approval", "regulation": "market_regulation"}  # fmt: skip
        return usual.get(self.domain, "industry")

    def come_in(self, source: str) -> None:
        with clock.pretend(self.at):
            if source == "public":
                claim = Claim(Place(self.firm.city_id), self.firm.name, self.firm.credit_code)
                by = Actor(None, f"王经理（{self.firm.name[:20]}）", via="public")
                self.row = actions.raise_demand(
                    enterprise_id=None, text=self.text, domain=self.domain, source=source, by=by, contact_name="王经理",
                    contact_phone="13806351234", claim=claim,
                )
            else:
                self.row = actions.raise_demand(enterprise_id=self.firm.id, text=self.text, domain=self.domain, source=source, by=self.officer)

    def send(self, code: str | None = None, hours: float = 0.5) -> None:
        target = self.departments[code or self.lead]
        self.do(lambda row: actions.dispatch_demand(demand=row, organisation_id=target, version=row.version, by=self.officer), hours)

    def accept(self, hours: float = 0.5) -> None:
        self.do(lambda row: actions.accept_demand(demand=row, version=row.version, by=self.handler), hours)

    def contact(self, hours: float = 0.5, reached: bool = True) -> None:
        said = "电话联系企业负责人，了解了具体情况。" if reached else "拨打登记电话无人接听。"
        self.do(lambda row: actions.log_contact(demand=row, text=f"{said}（{clock.local(self.at):%H:%M}）", reached=reached, by=self.handler), hours)

    def reply(self, hours: float = 3) -> None:
        self.do(lambda row: actions.log_reply(demand=row, text="已受理，安排专人办理，三个工作日内到企业现场了解。", by=self.handler), hours)

    def finish(self, outcome: str = "solved", hours: float = 30) -> None:
        said = {"cannot": NOT_YET, "unreachable": "登记电话多次无人接听，已发短信告知，请企业方便时联系我们。"}.get(outcome, self.answer)
        self.do(lambda row: actions.finish_demand(demand=row, outcome=outcome, text=said, version=row.version, by=self.handler), hours)

    def rate(self, mark: int, note: str | None = None, hours: float = 6) -> None:
        by = Actor(None, "企业联系人（企业）", via="public")
        self.do(lambda row: actions.rate_demand(demand=row, rating=mark, note=note, via="link", version=row.version, by=by), hours)


def _usual(story: Story) -> None:
    story.send()
    story.accept()
    story.contact()
    story.reply()


def _fresh(_story: Story) -> None:
    """Came in and waits."""


def _sent(story: Story) -> None:
    story.send()


def _handling(story: Story) -> None:
    _usual(story)
    story.do(lambda row: actions.log_note(demand=row, text="已到企业现场核实，正在与有关单位会商。", by=story.handler), 9)


def _paused(story: Story) -> None:
    _usual(story)
    story.do(lambda row: actions.pause(demand=row, reason="请补充近一年电费单和负荷清单", version=row.version, by=story.handler), 4)


def _bounced(story: Story) -> None:
    story.send("finance")
    finance = story.officers["finance"]
    story.do(lambda row: actions.transfer_demand(
        demand=row, organisation_id=story.departments["industry"], reason="不属于本单位职责", version=row.version, by=finance,
    ))
    story.do(lambda row: actions.refuse_demand(demand=row, reason="主责应为其他部门", version=row.version, by=story.officers["industry"]), 2)


def _ruled(story: Story) -> None:
    _bounced(story)
    _usual(story)


def _joint(story: Story) -> None:
    _usual(story)
    helper = "industry" if story.lead != "industry" else "finance"
    story.do(lambda row: actions.add_assist(demand=row, organisation_id=story.departments[helper], ask="请核实企业用能和项目情况", by=story.officer))


def _late(story: Story) -> None:
    story.send(hours=4)
    story.accept(9)
    story.do(lambda row: actions.instruct(demand=row, text="请三日内办结并报结果。", by=story.officer), 16)


def _extending(story: Story) -> None:
    _usual(story)
    story.do(lambda row: actions.ask_extension(
        demand=row, workdays=10, reason="设备招标周期较长，需要延期", version=row.version, by=story.handler,
    ), 6)


def _extended(story: Story) -> None:
    _extending(story)
    story.do(lambda row: actions.decide_extension(demand=row, approve=True, text="同意，请按期办结。", by=story.officer), 5)


def _answered(story: Story) -> None:
    _usual(story)
    story.finish(hours=6)


def _happy(story: Story) -> None:
    _usual(story)
    story.finish(hours=20 + story.number % 40)
    story.rate(4 + story.number % 2)


def _explained(story: Story) -> None:
    _usual(story)
    story.finish("explained", 24)
    story.rate(3)


def _cannot(story: Story) -> None:
    _usual(story)
    story.finish("cannot", 60)
    story.rate(2, "问题还在，希望继续跟进。")


def _again(story: Story) -> None:
    _cannot(story)
    by = Actor(None, "企业联系人（企业）", via="public")
    story.do(lambda row: actions.reopen_demand(demand=row, reason="问题没有解决，希望再协调。", version=row.version, by=by), 4)


def _unreachable(story: Story) -> None:
    story.send()
    story.accept()
    for hours in (1.0, 5.0, 8.0):
        story.contact(hours, reached=False)
    story.finish("unreachable", 8)


def _rejected(story: Story) -> None:
    why = "涉及已进入司法程序的合同纠纷，请通过法院解决；已告知法律援助渠道。"
    story.do(lambda row: actions.reject_demand(demand=row, reason=why, version=row.version, by=story.officer), 2)


def _withdrawn(story: Story) -> None:
    story.send()
    by = Actor(None, "企业联系人（企业）", via="public")
    story.do(lambda row: actions.withdraw_demand(demand=row, reason="问题已经自行解决。", version=row.version, by=by), 4)


def _own(story: Story) -> None:
    """Handled by the office itself, and rated late."""
    story.do(lambda row: actions.take_demand(demand=row, version=row.version, by=story.officer), 0.5)
    story.do(lambda row: actions.log_reply(demand=row, text="已向企业说明政策和办理路径。", by=story.officer), 2)
    story.do(lambda row: actions.finish_demand(demand=row, outcome="explained", text=story.answer, version=row.version, by=story.officer), 10)
    story.rate(5)


COURSES: tuple[tuple[Plan, int, str], ...] = (
    (_fresh, 0, "public"), (_fresh, 0, "officer"), (_sent, 0, "enterprise"), (_sent, 2, "visit"), (_handling, 4, "officer"), (_handling, 12, "visit"),
    (_paused, 6, "enterprise"), (_bounced, 5, "officer"), (_ruled, 9, "officer"), (_joint, 8, "visit"), (_late, 40, "officer"), (_late, 12, "public"),
    (_extending, 18, "officer"), (_extended, 22, "visit"), (_answered, 4, "enterprise"), (_answered, 5, "officer"), (_again, 40, "public"),
    (_unreachable, 30, "officer"), (_rejected, 25, "public"), (_withdrawn, 20, "enterprise"), (_own, 15, "officer"), (_explained, 50, "visit"),
    (_cannot, 70, "officer"), *((_happy, 20 + 9 * n, ("officer", "visit", "enterprise", "public")[n % 4]) for n in range(22)),
    *((_own, 33 + 17 * n, "officer") for n in range(5)),
)


def load(city_code: str) -> int:
    """Add what is missing; returns how many. A second call adds nothing. Flushes, does not commit."""
    city = db.session.scalars(select(Area.id).where(Area.code == city_code)).first()
    if city is None or db.session.scalar(select(DemandLink.id).where(DemandLink.label == MARK).limit(1)) is not None:
        return 0
    actions.ensure_departments(city, by=SYSTEM)
    desk.add_link(city_id=city, unit_id=None, label=MARK, valid_to=None, by=SYSTEM)
    departments = {row.code: row.organisation_id for row in db.session.scalars(select(DemandDepartment).where(DemandDepartment.city_id == city)) if row.code}
    if not {code for code, *_ in PERSONS} <= set(departments):
        return 0
    officers = _people(departments)
    firms = list(db.session.scalars(
        select(Enterprise).where(Enterprise.city_id == city, Enterprise.status == "active").order_by(Enterprise.id).limit(len(COURSES) * 7)
    ))
    if len(firms) < len(COURSES):
        return 0
    _mark_key_firms(firms)
    calendar = work_calendar(city)
    for number, (course, days_ago, source) in enumerate(COURSES):
        story = Story(number, firms[0 if source == "enterprise" else number * 7 % len(firms)], days_ago, calendar, officers, departments)
        story.come_in(source)
        course(story)
    actions.tidy_up()
    db.session.flush()
    return len(COURSES)


def _people(departments: dict[str, int]) -> dict[str, Actor]:
    """Contact persons of every department; the demo account of the department liaison belongs to one of them."""
    accounts = {user.login: user for user in db.session.scalars(select(User).where(User.login.in_(("bureau", "department"))))}
    first = (clock.now() - timedelta(days=400)).date()
    found: dict[str, Actor] = {}
    for number, (code, name, title) in enumerate(PERSONS):
        organisation = db.session.get_one(Organisation, departments[code])
        draft = desk.PersonDraft(name, title, f"0635-82{40000 + 137 * number:05d}", first, None)
        desk.add_person(organisation=organisation, draft=draft, by=SYSTEM)
        found[code] = Actor(9000 + number, name)
    if "department" in accounts:
        accounts["department"].organisation_id = departments["development_reform"]
        found["development_reform"] = Actor(accounts["department"].id, accounts["department"].name)
    found[BUREAU] = Actor(accounts["bureau"].id, accounts["bureau"].name) if "bureau" in accounts else SYSTEM
    return found


def _mark_key_firms(firms: list[Enterprise]) -> None:
    """A few firms with the tags that open the fast track."""
    known = set(db.session.scalars(select(EnterpriseTag.enterprise_id).where(EnterpriseTag.tag == "链主企业")))
    for firm in firms[:120:28]:
        if firm.id not in known:
            db.session.add(EnterpriseTag(enterprise_id=firm.id, tag="链主企业"))
    db.session.flush()



