// Brings the limits of containers and of the node's services into force, after the swap of their files and after a put-back.
import { PROGRAM, UNIT } from './paths.ts'

/**
 * POSIX; arguments: unit, program, slices that were or are limited. systemd (257 tried) neither applies a changed AllowedCPUs= to
 * a slice that is there when it reloads, nor lifts a limit that it has set before: the control group itself is told what systemd
 * knows now. Linux takes no empty set for a group with processes in it (ENOSPC): without a limit are all CPUs.
 */
const ACTIVATE = `unit=$1 program=$2 cgroups=/sys/fs/cgroup
shift 2
all=$(cat $cgroups/cpuset.cpus.effective 2>/dev/null)
systemctl daemon-reload || exit
if systemctl cat "$unit" >/dev/null 2>&1; then
systemctl -q enable "$unit" && systemctl restart "$unit" || exit
else
rm -f /etc/systemd/system/*.wants/"$unit"
systemctl stop "$unit" 2>/dev/null
if [ -x "$program" ]; then "$program" boot || exit
elif [ -e $cgroups/lxc/cpuset.cpus ]; then echo "$all" >$cgroups/lxc/cpuset.cpus || exit
fi
fi
[ $# = 0 ] || echo +cpuset 2>/dev/null >$cgroups/cgroup.subtree_control
for one; do
[ -e "$cgroups/$one/cpuset.cpus" ] || continue
cpus=$(systemctl show --value --property=AllowedCPUs "$one" | tr ' ' ,)
echo "\${cpus:-$all}" >"$cgroups/$one/cpuset.cpus" || exit
done
:`

export function activateCores(slices: readonly string[]): readonly (readonly string[])[] {
  return [['sh', '-c', ACTIVATE, 'orion-cores-activate', UNIT, PROGRAM, ...slices]]
}
