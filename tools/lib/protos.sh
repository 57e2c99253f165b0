# shellcheck shell=bash disable=SC2154  # $root and $work come from the script
# Reads protos. $root is the project, $work a folder for what is made on the way.

# Compiles the protos in FOLDER to the image FILE, with google's from npm: buf then needs no schema registry.
proto_image() {
  local -r folder=$1 file=$2
  local protos
  mapfile -t protos < <(cd "$folder" && find xixinting -name '*.proto' | sort)
  ((${#protos[@]})) || return 0
  protoc --proto_path="$folder" --proto_path="$root/tools/node_modules/google-gax/build/protos" --include_imports \
    --include_source_info --descriptor_set_out="$file" "${protos[@]}"
}

# Compares the protos here, committed or not, with those of main where this branch left it: callers speak them and rows
# hold them. A branch that breaks them on purpose adds an item to protos/breaks.md: then they are counted, not refused.
protos_compatible() {
  local main base status=0
  main=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main) || main=HEAD
  base=$(git merge-base "$main" HEAD 2>/dev/null) || base=$main
  if ! git cat-file -e "$base:protos/xixinting" 2>/dev/null; then
    echo "notice: main has no protos to compare with"
    return
  fi
  if git diff --quiet "$base" -- protos/xixinting; then
    echo "notice: the protos are those of main, with which they were compared before they became that"
    return
  fi
  mkdir -p "$work/main"
  git archive "$base" protos | tar -x -C "$work/main" || return
  proto_image "$work/main/protos" "$work/main.binpb" || return
  proto_image protos "$work/now.binpb" || return
  "$root/tools/node_modules/.bin/buf" breaking "$work/now.binpb" --against "$work/main.binpb" \
    --config protos/buf.yaml >"$work/breaks" 2>&1 || status=$?
  # 100: it has found something. Anything else is a mistake of ours.
  if ((status == 100)) && breaks_declared "$base"; then
    echo "notice: $(wc -l <"$work/breaks") breaks of main's protos, on purpose: see what this branch adds to protos/breaks.md"
    return
  fi
  cat "$work/breaks"
  return "$status"
}

# Whether protos/breaks.md has an item that it had not at the commit BASE.
breaks_declared() {
  comm -13 <(git show "$1:protos/breaks.md" 2>/dev/null | sort) <(sort protos/breaks.md 2>/dev/null) | grep '^- ' >/dev/null
}
