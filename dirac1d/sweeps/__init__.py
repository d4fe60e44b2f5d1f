"""Many problems: any executor, a store of finished points, one table, files of every kind."""
