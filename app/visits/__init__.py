"""入企服务: request -> appointment -> visit -> findings -> measures -> promises -> confirmation."""
