// The folders of the project's own files.
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')

export const PROJECT_FOLDERS = {
  root: PROJECT,
  policies: join(PROJECT, 'policies'),
  tasks: join(PROJECT, 'tasks'),
} as const
