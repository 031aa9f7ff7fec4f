#!/bin/sh
# qm, pct, pvesh, smartctl and nvidia-smi of a node that is not there: guests are files, and every act is a line of a log.
# guests/VMID.qemu|lxc: `NAME STATUS`. hang.ACT.VMID, fail.ACT.VMID, idle.ACT.VMID: files that make an act so. balloonless.VMID: no balloon.
cd "$FAKE" || exit 1

act() { # ACT VMID KIND
  echo "$1 $2" >>log
  # Not a child: who is killed leaves nothing behind.
  [ ! -e "hang.$1.$2" ] || {
    echo $$ >hung
    exec sleep 600
  }
  while [ -e "slow.$1.$2" ]; do sleep 0.02; done
  [ ! -e "fail.$1.$2" ] || {
    echo "$1 of $2: no" >&2
    exit 255
  }
  [ ! -e "idle.$1.$2" ] || exit 0
  read -r name was <"guests/$2.$3" || exit 2
  case $1 in start) status=running ;; shutdown | stop) status=stopped ;; *) exit 0 ;; esac
  [ "$was" != "$status" ] || {
    echo "again $1 $2" >>log
    exit 255
  }
  echo "$name $status" >"guests/$2.$3.new" && mv "guests/$2.$3.new" "guests/$2.$3"
}

list() { # KIND
  [ ! -e hang.list ] || exec sleep 600
  [ ! -e fail.list ] || exit 255
  comma='[' empty='[]'
  for file in guests/*."$1"; do
    read -r name status <"$file" 2>/dev/null || continue
    id=${file#guests/}
    printf '%s{"vmid":%s,"name":"%s","status":"%s"}' "$comma" "${id%%.*}" "$name" "$status"
    comma=, empty=']'
  done
  echo "$empty"
}

case ${0##*/} in
  qm) act "$1" "$2" qemu ;;
  pct) act "$1" "$2" lxc ;;
  pvesh)
    case $1,$2 in
      get,*/qemu) list qemu ;;
      get,*/lxc) list lxc ;;
      create,*/monitor)
        id=${2#/nodes/genesis/qemu/}
        # As Proxmox VE has it: what the monitor refuses is a text, and the exit code is 0.
        [ ! -e "balloonless.${id%/monitor}" ] || {
          printf 'Error: No balloon device has been activated\r\n\n'
          exit 0
        }
        act "balloon=${4#balloon }" "${id%/monitor}" qemu
        ;;
      *) exit 2 ;;
    esac
    ;;
  nvidia-smi)
    [ ! -e hang.nvidia ] || exec sleep 600
    cat nvidia 2>/dev/null || exit 6
    ;;
  systemctl) echo "${SYSTEM:-running}" ;;
  smartctl)
    echo "smartctl $*" >>asked
    for last; do :; done
    [ ! -e "hang.smart.${last#/dev/}" ] || exec sleep 600
    cat "smart.${last#/dev/}"
    exit 4
    ;;
esac
