# shellcheck shell=bash disable=SC2154  # $root and $run come from the script
# Configures and builds one preset. Needs say.sh and lock.sh; $root is the project.

# What an instance runs: for who does not want the tests built.
# shellcheck disable=SC2034
readonly programs=(xxt-intake xxt-referral xxt-notification xxt)

# Builds TARGETs (all by default) of the preset NAME in build/NAME, configuring it first when that is due.
build() {
  local -r name=$1 build_dir=$root/build/$1 settings=$root/tools/cmake/$1.cmake
  shift
  [[ -e $settings ]] || fail "there is no preset '$name'; see tools/cmake"
  [[ -d $root/tools/node_modules ]] || fail "run tools/setup first"
  hold_lock "$root/build/$name.lock" 8
  # -nt is also true when there is no build.ninja yet.
  if [[ $settings -nt $build_dir/build.ninja || $root/tools/cmake/presets.cmake -nt $build_dir/build.ninja ]]; then
    step "Configuring $name"
    mkdir -p "$build_dir"
    (cd "$root" && cmake --fresh -G Ninja -C "$settings" -S . -B "$build_dir" >"$build_dir/configure.log" 2>&1) || {
      tail -n 20 "$build_dir/configure.log" >&2
      fail "cmake could not configure $name; all of it is in build/$name/configure.log"
    }
  fi
  step "Building $name"
  NINJA_STATUS='[%f/%t %es] ' ninja -C "$build_dir" "$@" >&2 || fail "the build of $name failed"
  release_lock 8
}
