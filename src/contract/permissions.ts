// The permissions that endpoints need: names of actions in the Cedar schema.

export const PERMISSIONS = [
  'run.start',
  'run.read',
  'run.cancel',
  'run.prune',
  'ask.decide',
  'change.read',
  'change.approve',
  'change.reject',
  'change.publish',
  'change.merge',
  'task.read',
  'policy.read',
  'instance.read',
  'credential.read',
  'credential.manage',
  'connection.read',
  'audit.read',
] as const
export type Permission = (typeof PERMISSIONS)[number]
