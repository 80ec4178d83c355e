// Paths whose change deserves a second look, because they steer what other machines or people do.

const PROTECTED: readonly RegExp[] = [
  /^\.github\/(workflows|actions)\//,
  /(^|\/)CODEOWNERS$/,
  /^\.gitlab-ci\.ya?ml$/,
  /^\.circleci\//,
  /^(Jenkinsfile|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml)$/,
  /^\.glovebox\//,
  /(^|\/)\.gitattributes$/,
  /^\.gitmodules$/,
  /(^|\/)\.npmrc$/,
  /(^|\/)\.yarnrc(\.ya?ml)?$/,
  /^\.(husky|devcontainer)\//,
  /^\.vscode\/(tasks|launch|settings)\.json$/,
  /(^|\/)\.envrc$/,
]

/** Case-insensitively: a file system that folds case would treat `.GitHub/workflows` the same. */
export function isProtectedPath(path: string): boolean {
  return PROTECTED.some((pattern) => new RegExp(pattern.source, 'i').test(path))
}
