// What an endpoint can ask the policies for: actions of the Cedar schema, by their names there.

export const PERMISSIONS = [
  'run.start',
  'run.read',
  'run.cancel',
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
