// Shell script that commits and pushes the steps' changes inside the sandbox. All values are arguments. The workspace's
// own git configuration (filters, aliases) takes effect only inside. Hooks and fsmonitor are off, so that a
// repository's pre-push checks do not stop a push to quarantine.

const OWN_GIT = 'git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.quotePath=true'

/**
 * `git add --all` also adds unchanged files that git would only store differently: a file with CRLF under `text`, an
 * expanded `$Id$`, bytes that are invalid in their working-tree-encoding (gitattributes(5)). A run without changes
 * would then propose a change, or fail. So this script skips files that git finds unchanged, and files whose bytes
 * equal what git writes for their index entry. Staged changes stay staged. $1 is an empty folder. Paths are quoted as
 * git does it.
 */
const PASS_OVER_UNCHANGED = `
export LC_ALL=C
tab=$(printf '\\t')
g() { ${OWN_GIT} "$@"; }
git_dir=$(g rev-parse --absolute-git-dir)
fresh() { (cd "$1/tree" && shift && g --git-dir="$git_dir" --work-tree=. "$@"); }
g update-index -q --refresh > /dev/null 2>&1 || true
g diff-files --ignore-submodules=dirty > "$1/differing" 2> /dev/null
for mode in 100644 100755; do
  sed -n "s/^:$mode $mode [^ ]* [^ ]* M$tab//p" "$1/differing"
done > "$1/same-mode"
: > "$1/as-written"
if [ -s "$1/same-mode" ]; then
  mkdir "$1/tree"
  fresh "$1" checkout-index -q --stdin < "$1/same-mode" 2> /dev/null || true
  fresh "$1" hash-object --no-filters --stdin-paths < "$1/same-mode" > "$1/fresh"
  g hash-object --no-filters --stdin-paths < "$1/same-mode" > "$1/found"
  paste -d ' ' "$1/fresh" "$1/found" "$1/same-mode" | sed -n 's/^\\([0-9a-f]*\\) \\1 //p' | sort > "$1/as-written"
fi
cut -f 2 "$1/differing" | sort | comm -23 - "$1/as-written" > "$1/changed"
g ls-files --stage | sed -n "s/^[0-9]* [0-9a-f]* 0$tab//p" | sort | comm -23 - "$1/changed" > "$1/unchanged"
g update-index --assume-unchanged --stdin < "$1/unchanged"
`

const COMMIT_AND_PUSH = `
g() { ${OWN_GIT} "$@"; }
scratch=$(mktemp -d)
sh -e -c "$5" sh "$scratch" ||
  echo "glovebox: unchanged files could not be told apart: the commit may hold what git makes of their line endings" >&2
rm -rf "$scratch"
g add --all
if ! g diff --cached --quiet; then
  g commit --quiet --no-verify --message "$1"
fi
if [ "$(g rev-parse HEAD)" = "$2" ]; then
  echo "nothing changed"
  exit 0
fi
g push --quiet --no-verify "$3" "HEAD:refs/heads/$4"
`

/** `base`: the commit at which the run began. Without a new commit the script pushes nothing. */
export function commitAndPush(options: { message: string; base: string; origin: string; branch: string }): string[] {
  const { message, base, origin, branch } = options
  return ['/bin/sh', '-e', '-c', COMMIT_AND_PUSH, 'sh', message, base, origin, branch, PASS_OVER_UNCHANGED]
}
