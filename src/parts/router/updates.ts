// A router keeps itself up to date, except for what would interrupt BGP: that is the operator's, at a time of his choice.
import { template } from '../../render.ts'
import type { Outside, Probe, ProbeResult } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type Facts, said } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { releaseProblems } from './release.ts'
import type { Router } from './router.ts'

const APT = '/etc/apt/apt.conf.d/52orion'
const NEEDRESTART = '/etc/needrestart/conf.d/orion.conf'
const BIRD_STOP = '/usr/local/sbin/orion-bird-stop'
const BIRD_UNIT = '/etc/systemd/system/bird.service.d/orion.conf'

// There while BIRD runs, and after it ended otherwise than by a stop: its next start recovers. Gone with a restart of the machine.
const BIRD_RECOVERY = '/run/orion-bird.env'

/** What speaks BGP: never upgraded, and never restarted, by itself. */
const PACKAGES = ['bird2', 'bird3', 'gobgpd'] as const
const UNITS = ['bird', 'gobgpd', 'orion-gobgp'] as const

const apt = template<{ readonly packages: readonly string[] }>('router/apt')
const needrestart = template<{ readonly units: readonly string[] }>('router/needrestart')
const birdUnit = template<{ readonly recovery: string; readonly program: string }>('router/bird-unit')
const birdStop = template<{ readonly recovery: string }>('router/bird-stop')

/** Made by the kernel's package. */
const REBOOT = '/run/reboot-required'
const POLICY = ['env', 'LC_ALL=C', 'apt-cache', 'policy', ...PACKAGES]

const ACTIVATE = [['systemctl', 'daemon-reload']]

export function updatesFacts(site: Site, router: Router): Facts {
  return { files: [APT, NEEDRESTART, ...(hasBgp(site, router) ? [BIRD_UNIT, BIRD_STOP] : [])] }
}

/** Before the packages: their installation and first upgrade shall find these files. */
export function updates(site: Site, router: Router, wish: FileSet['wish']): FileSet {
  const { name } = router.guest
  return {
    host: name,
    name: 'updates',
    wish,
    owned: true,
    files: () => [
      { path: APT, text: apt({ packages: PACKAGES }) },
      { path: NEEDRESTART, text: needrestart({ units: UNITS }) },
      ...(hasBgp(site, router) ? birdFiles() : []),
    ],
    problems: (seen) => releaseProblems(name, seen),
    check: [['apt-config', 'dump', 'Unattended-Upgrade']],
    activate: ACTIVATE,
  }
}

function birdFiles(): WantedFile[] {
  return [
    { path: BIRD_UNIT, text: birdUnit({ recovery: BIRD_RECOVERY, program: BIRD_STOP }) },
    { path: BIRD_STOP, text: birdStop({ recovery: BIRD_RECOVERY }), mode: 0o755 },
  ]
}

function hasBgp({ bgp }: Site, { guest }: Router): boolean {
  return bgp?.router === guest.name
}

/** Says when there is something to do that a router does not do by itself. */
export function updatesProbes(_: Site, router: Router): readonly Probe[] {
  const { name } = router.guest
  const run = async (outside: Outside) => {
    const host = await outside.host(name)
    const seen = await host.read({ files: [REBOOT], commands: { policy: POLICY } })
    return judge(pendingOf(said(seen, 'policy') ?? ''), seen.files.has(REBOOT))
  }
  return [{ id: `updates:${name}`, title: `updates of ${name}`, run }]
}

/** `bird2 2.17.5-1 → 2.17.6-1` of each that could be upgraded, from what apt-cache policy says. */
function pendingOf(policy: string): string[] {
  const rows = policy.matchAll(/^(\S+):\n {2}Installed: (\S+)\n {2}Candidate: (\S+)$/gm)
  return [...rows].flatMap(([, name, installed, candidate]) =>
    installed === '(none)' || candidate === '(none)' || installed === candidate
      ? []
      : [`${name} ${installed} → ${candidate}`],
  )
}

function judge(pending: readonly string[], reboot: boolean): ProbeResult {
  const expected = 'nothing waits for you'
  const seen = [...pending, ...(reboot ? ['a restart of the machine'] : [])].join(', ')
  if (seen === '') return { state: 'ok', expected, seen: expected }
  const names = pending.map((one) => one.split(' ')[0])
  const upgrade = names.length === 0 ? [] : [`apt-get install --only-upgrade ${names.join(' ')}`]
  const hint = `orion bgp drain for each peer; on the router ${[...upgrade, ...(reboot ? ['reboot'] : [])].join(', ')}; orion bgp undrain`
  return { state: 'warning', expected, seen, hint }
}
