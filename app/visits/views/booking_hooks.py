"""What requests, appointments and projects register with others: references for merging."""

from app.enterprises import references


def register() -> None:
    """Called once at start-up."""
    references.register("service_request", "enterprise_id", label="服务申请")
    references.register("appointment", "enterprise_id", label="走访预约")
    references.register("disturbance", "enterprise_id", label="打扰记录")
    references.register("service_step", "enterprise_id", label="服务办理记录")
    references.register("service_project", "enterprise_id", label="服务项目")
