"""企业诉求通: what an enterprise asks for, who answers it and by when, and what the enterprise thinks of the answer.

Intake by an officer, from a visit, by the enterprise's own contact and by a public link or QR code; routing to the departments of the leading group with
contact persons; clocks in working hours whose history stays; honest closing states; evaluation, reopening, escalation; three rates with their definitions.
Clauses: 聊城“育苗扶壮”方案 四(一) 部门联动机制和联系人员, 四(四) 协调解决困难问题; 实施意见 四(二) 企业诉求通 (Y104, Y105, Y116, O071, O075, T012, K054);
Shandong's “2115”. Deadlines, departments and limits are pack data.

Public surface: ``actions.raise_demand`` (visits, the phone, importers), ``queries.open_demands_of`` (brief, dossier), ``due.due_items``.
"""
