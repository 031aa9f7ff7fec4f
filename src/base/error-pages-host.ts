// The error codes of hosts and of the guard: what they mean, and what to do.
import type { Code } from '../errors.ts'

export interface ErrorPage {
  /** One sentence: what could not be done. */
  readonly meaning: string
  /** What it usually comes from, the most frequent first. */
  readonly causes: readonly string[]
  /** What to do, in this order. A command begins with `orion `. */
  readonly remedies: readonly string[]
}

type HostCode = Extract<Code, `E_HOST_${string}` | 'E_GUARD_REFUSED' | 'E_ROLLED_BACK'>

export const HOST_ERROR_PAGES: Readonly<Record<HostCode, ErrorPage>> = {
  E_HOST_UNREACHABLE: {
    meaning: 'SSH does not answer on the host.',
    causes: [
      'it is off, or the address is wrong',
      'a firewall, or a jump host that is missing',
      'the guest has not started',
    ],
    remedies: [
      'ssh ADDRESS from this machine: orion goes the same way',
      'ssh.proxyJump or ssh.alsoAt in the site file, or a Host block in ~/.ssh/config',
    ],
  },
  E_HOST_KEY: {
    meaning: 'The host shows a key that is not known, has changed or is revoked, so the connection was not made.',
    causes: ['it is the first time', 'the host was installed anew', 'another machine answers at this address'],
    remedies: [
      'compare the fingerprint at its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      'it is right and new: say yes when orion asks at a terminal, or ssh ADDRESS once and accept it',
      'it is right and changed: ssh-keygen -R ADDRESS first',
    ],
  },
  E_HOST_AUTH: {
    meaning: 'The host accepts none of your keys.',
    causes: ['the key is not in authorized_keys', 'the agent is not running or has no key', 'another user is meant'],
    remedies: ['ssh-add -l lists what your agent has', 'ssh.user and ssh.identityFile in the site file'],
  },
  E_HOST_SUDO: {
    meaning: 'The user is not root on the host and may not become it.',
    causes: ['sudo is missing, or asks for a password'],
    remedies: ['log in as root', 'or give the user NOPASSWD in /etc/sudoers.d'],
  },
  E_HOST_LOST: {
    meaning: 'The connection to the host broke: what was begun may or may not have happened.',
    causes: ['the network of the host changes right now', 'the host restarted'],
    remedies: [
      'wait a minute: a guarded change that nobody confirms is put back by the host itself',
      'run the same command again',
    ],
  },
  E_HOST_TIMEOUT: {
    meaning: 'A program on the host did not end in time, and was stopped.',
    causes: ['a very slow disk', 'a package server that does not answer', 'a lock of apt or dpkg'],
    remedies: ['look at the host what is busy: ps, journalctl -e', 'run the same command again'],
  },
  E_HOST_COMMAND: {
    meaning: 'A program on the host ended with an error.',
    causes: ['its own last lines say it'],
    remedies: ['mend what they say, then run the same command again'],
  },
  E_HOST_FACTS: {
    meaning: "The host's own facts speak against the change. Nothing was touched.",
    causes: [
      'a port, bridge or device of the site file is not there',
      'the change would take away the path to the host',
      'a device shares its IOMMU group with one that the host needs',
    ],
    remedies: ['correct the site file: the message says what the host has', 'orion net show, orion gpu doctor'],
  },
  E_HOST_BUSY: {
    meaning: 'Another guarded change is under way on the host.',
    causes: [
      'another run of orion',
      'a run that died: its change goes back by itself at the time that the message says',
    ],
    remedies: ['wait until that time, then run it again', 'at the console: orion-guard list'],
  },
  E_GUARD_REFUSED: {
    meaning: 'The check on the host did not accept the new files. Nothing was touched.',
    causes: ['the checker of the service found a mistake', 'the disk is full'],
    remedies: ['its words stand in the message', 'correct the site file, then run it again'],
  },
  E_ROLLED_BACK: {
    meaning: 'The change was made, did not prove itself, and was put back: the host is as before.',
    causes: [
      'the host could not be reached any more',
      'a check after the change failed',
      'the confirmation came too late',
    ],
    remedies: [
      'read what the proof said: it names what was missing',
      'a slow host: --confirm-within gives it more time',
      'at the console: orion-guard list',
    ],
  },
}
