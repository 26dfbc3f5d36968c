"""服务商, 专家, 服务资源 from workbooks."""

from app.teams.imports.registers import RegisterImporter as RegisterImporter
