// What the presets have in common.
import type { LaunchOptions } from '../types.ts'

/** Of a package of npm: started with Node from its folder, or by its name where it is part of the sandbox's root. */
export function nodeProgram({ folder }: LaunchOptions, program: string, command: string): string[] {
  return folder === null ? [command] : ['node', `${folder}/${program}`]
}

export function nativeProgram({ folder }: LaunchOptions, program: string, command: string): string[] {
  return folder === null ? [command] : [`${folder}/${program}`]
}

/** The model is on the loopback: agents would send even that to the proxy for everything else. */
export function homeAndLoopback({ home }: LaunchOptions): Record<string, string> {
  const direct = '127.0.0.1,localhost'
  return { HOME: home, NO_PROXY: direct, no_proxy: direct }
}

/** Native packages of npm name the processor like this. */
export const PROCESSOR = process.arch === 'arm64' ? 'arm64' : 'x64'

export function npmInstall(...packages: readonly string[]): string {
  return `npm install --prefix <folder> --ignore-scripts ${packages.join(' ')}`
}
