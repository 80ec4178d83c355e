// Shared parts of the presets.
import type { LaunchOptions } from '../types.ts'

/** The start of an npm package: with Node from its folder, or by its command if it is part of the sandbox's root. */
export function nodeProgram({ folder }: LaunchOptions, program: string, command: string): string[] {
  return folder === null ? [command] : ['node', `${folder}/${program}`]
}

export function nativeProgram({ folder }: LaunchOptions, program: string, command: string): string[] {
  return folder === null ? [command] : [`${folder}/${program}`]
}

/** HOME, and NO_PROXY for the model's loopback address: agents would otherwise send model calls to the proxy. */
export function homeAndLoopback({ home }: LaunchOptions): Record<string, string> {
  const direct = '127.0.0.1,localhost'
  return { HOME: home, NO_PROXY: direct, no_proxy: direct }
}

/** The processor's name in native npm packages. */
export const PROCESSOR = process.arch === 'arm64' ? 'arm64' : 'x64'

export function npmInstall(...packages: readonly string[]): string {
  return `npm install --prefix <folder> --ignore-scripts ${packages.join(' ')}`
}
