/** Name of the SQLite database in a data folder. In a file of its own, so that completion loads nothing else. */
export const DATABASE_FILE = 'glovebox.db'
