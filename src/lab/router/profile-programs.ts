// What the hardened profile asks of a simulated guest: its firewall, the record of the kernel, SSH's own view of its files.
import { failed, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { nft } from './nft.ts'
import { systemctl } from './systemctl.ts'

const TABLE = ['table', 'inet', 'orion_guest'] as const

/** `orion-guest-firewall-file FILE`, in a network of its own. */
const wallFile: Program = async (machine, [path = ''], io) => {
  const loaded = await nft(machine, ['-f', path], io)
  return loaded.code === 0 ? nft(machine, ['-s', 'list', ...TABLE], io) : loaded
}

/** `orion-guest-firewall FILE UNIT` */
const setWall: Program = async (machine, [path = '', unit = ''], io) => {
  if (textAt(machine.host, path) !== undefined) {
    const enabled = await systemctl(machine, ['enable', unit], io)
    return enabled.code === 0 ? systemctl(machine, ['restart', unit], io) : enabled
  }
  const known = machine.host.units[unit]
  if (known) Object.assign(known, { enabled: false })
  return machine.host.tables?.[TABLE.slice(1).join(' ')] === undefined ? ok() : nft(machine, ['delete', ...TABLE], io)
}

/** `orion-audit` */
const audit: Program = async (machine, _, io) => {
  const enabled = await systemctl(machine, ['enable', 'auditd.service'], io)
  return enabled.code === 0 ? systemctl(machine, ['start', 'auditd.service'], io) : enabled
}

/** `-t`, and `-T`: the first value that is found counts; Debian's main file includes the folder before everything else. */
const sshd: Program = ({ host }, [option = '']) => {
  if (option === '-t') return ok()
  if (option !== '-T') return failed(255, `sshd: the lab knows -t and -T, not ${option}`)
  const paths = Object.keys(host.files).filter((path) => /^\/etc\/ssh\/sshd_config\.d\/[^/]+\.conf$/.test(path))
  const texts = [...paths.sort(), '/etc/ssh/sshd_config'].map((path) => textAt(host, path) ?? '')
  const value = /^\s*PasswordAuthentication\s+(\w+)/im.exec(texts.join('\n'))?.[1] ?? 'yes'
  return ok(`port 22\npasswordauthentication ${value.toLowerCase()}\n`)
}

const suricata: Program = ({ host }) =>
  host.packages.suricata === undefined ? failed(127, 'sh: 1: suricata: not found') : ok()

export const profilePrograms: Readonly<Record<string, Program>> = { sshd, suricata }

export const profileScripts: Readonly<Record<string, Program>> = {
  'orion-guest-firewall': setWall,
  'orion-guest-firewall-file': wallFile,
  'orion-audit': audit,
}
