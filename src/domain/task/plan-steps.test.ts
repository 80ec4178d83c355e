import { expect, test } from 'vitest'
import { conditionHolds, planSteps, resolveInputs } from './plan-steps.ts'
import { Task } from './task.ts'

const task = Task.parse({
  name: 'demo',
  description: 'd',
  mode: 'write',
  inputs: { 'package-name': { description: 'which', required: true }, level: { description: 'l', default: 'low' } },
  steps: [{ run: 'echo "$INPUT_PACKAGE_NAME"', env: { LEVEL: '${{ inputs.level }}' }, 'working-directory': './lib/' }],
})

test('passes an input to a script as a variable, never as text of the script', () => {
  const [step] = planSteps(task, { 'package-name': '$(rm -rf /); "', level: 'low' }, '/workspace/repo')
  expect(step).toMatchObject({ kind: 'command', argv: ['/bin/sh', '-e', '-c', 'echo "$INPUT_PACKAGE_NAME"'] })
  expect(step?.env).toMatchObject({ INPUT_PACKAGE_NAME: '$(rm -rf /); "', LEVEL: 'low' })
  expect(step?.cwd).toBe('/workspace/repo/lib')
})

test('names a missing or unknown input and lists the known ones', () => {
  expect(() => resolveInputs(task, {})).toThrow(/needs --input package-name/)
  expect(() => resolveInputs(task, { 'package-name': 'x', nope: 'y' })).toThrow(
    /no input `nope`; known: package-name, level/,
  )
  expect(() => resolveInputs(task, { 'package-name': 'x', levle: 'y' })).toThrow(
    /no input `levle`; did you mean `level`\?/,
  )
  expect(resolveInputs(task, { 'package-name': 'x' })).toEqual({ 'package-name': 'x', level: 'low' })
})

test('an input has a value only if the requester or a default set it, even if every object inherits its name', () => {
  const steps = [{ run: 'true', env: { X: '${{ inputs.constructor }}' } }]
  const required = Task.parse({ ...task, inputs: { constructor: { description: 'c', required: true } }, steps })
  expect(() => resolveInputs(required, {})).toThrow(/needs --input constructor/)
  expect(resolveInputs(required, { constructor: 'x' })).toEqual({ constructor: 'x' })
  expect(planSteps(required, {}, '/workspace/repo')[0]?.env).toMatchObject({ X: '' })
  const optional = Task.parse({ ...task, inputs: { constructor: { description: 'c' } }, steps })
  expect(Object.keys(resolveInputs(optional, {}))).toEqual([])
  expect(() => resolveInputs(optional, { tostring: 'x' })).toThrow(/has no input `tostring`/)
})

test.each([
  ['success()', false, true],
  ['success()', true, false],
  ['failure()', false, false],
  ['failure()', true, true],
  ['always()', true, true],
] as const)('%s after failure=%s: %s', (condition, failed, expected) => {
  expect(conditionHolds(condition, failed)).toBe(expected)
})
