"""演示数据: believable, deterministic demo enterprises over the real towns, with figures and recognitions that agree.

Credit codes carry the district 379999, which does not exist, and a valid check character: no demo record can be a real firm.
"""
