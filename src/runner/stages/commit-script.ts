// What runs inside the sandbox to make a commit of what the steps left, and to push it. Everything comes as an argument.
// What the workspace's own configuration still does (filters, aliases) it does inside the box; hooks and fsmonitor are
// off, so that a repository's pre-push checks do not stop what only goes to quarantine.

const OWN_GIT = 'git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.quotePath=true'

/**
 * `git add --all` takes for changed what it would only write otherwise: a file with CRLF under `text`, an expanded `$Id$`,
 * bytes that are no text in their working-tree-encoding (gitattributes(5)). A run that did nothing would then propose
 * something, or fail. So all files are passed over that git finds unchanged, or whose bytes are what git itself writes
 * for their entry of the index; what is staged stays staged. $1 is an empty folder. Paths are quoted as git quotes them.
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

/** `base` is the commit that the run began with; without a new commit nothing is pushed. */
export function commitAndPush(options: { message: string; base: string; origin: string; branch: string }): string[] {
  const { message, base, origin, branch } = options
  return ['/bin/sh', '-e', '-c', COMMIT_AND_PUSH, 'sh', message, base, origin, branch, PASS_OVER_UNCHANGED]
}
