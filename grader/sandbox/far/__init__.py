"""The far side: the only part of the kit that shares a process with student code. It holds nothing worth stealing."""
