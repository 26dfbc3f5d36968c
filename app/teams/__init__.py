"""服务商联盟与专家服务队: providers, experts, service teams with dated members, seconded liaisons, resource pool, who serves whom."""
