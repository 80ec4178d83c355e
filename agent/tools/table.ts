import { edit } from './edit.ts'
import { finish } from './finish.ts'
import { read } from './read.ts'
import { search } from './search.ts'
import { shell } from './shell.ts'
import type { Tool } from './types.ts'

export const TOOLS: readonly Tool[] = [shell, read, edit, search, finish]
