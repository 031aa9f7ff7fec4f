// The rehearsal lab as a command of its own: in the foreground for people, in the background for --lab.
import type { LabAccess } from '../lab/lab.ts'
import type { Lab } from '../lab/serve.ts'
import { quote } from './next.ts'
import { labDir } from './paths.ts'
import { readSite, type SiteFlags } from './session.ts'

export interface LabFlags extends SiteFlags {
  readonly pve?: '8' | '9' | undefined
  /** How long tasks take, per cent. */
  readonly pace?: number | undefined
  /** Serve what --lab-dir holds, as openLab left it there. */
  readonly serve?: boolean
  /** Seconds without a request after which it ends. */
  readonly idle?: number | undefined
}

/** Serves until Ctrl-C, or until it is idle. Gives how it was to be reached, for --json. Errors: E_SITE, E_LAB, E_USAGE. */
export async function runLab(flags: LabFlags, json: boolean): Promise<unknown> {
  const dir = flags.serve && flags['lab-dir'] ? flags['lab-dir'] : await prepare(flags)
  const { serveLab } = await import('../lab/serve.ts')
  const idle = flags.idle === undefined ? {} : { idleSeconds: flags.idle }
  const lab = await serveLab({ dir, ...idle, pace: (flags.pace ?? 100) / 100 })
  const end = () => void lab.close()
  process.on('SIGINT', end).on('SIGTERM', end)
  if (!flags.serve) await tell(lab, json)
  await lab.closed
  return undefined
}

async function prepare(flags: LabFlags): Promise<string> {
  const site = await readSite({ ...flags, lab: true })
  const dir = labDir(site.name, flags['lab-dir'])
  const { prepareLab } = await import('../lab/lab.ts')
  await prepareLab({ site, dir, fresh: Boolean(flags.fresh), ...(flags.pve ? { version: flags.pve } : {}) })
  return dir
}

async function tell({ access }: Lab, json: boolean): Promise<void> {
  const { printJson, printOut } = await import('../console/output.ts')
  if (json) return printJson(access)
  await printOut(Object.entries(access.clusters).map(clusterText).join('\n'))
  await printOut(`Certificate of all: ${access.dir}/certificate.pem\n`)
  await printOut(hostsText(access))
  await printOut('Ctrl-C ends the lab; its state is kept.')
}

function clusterText([name, cluster]: [string, LabAccess['clusters'][string]]): string {
  return [
    `${name}  https://${cluster.host}:${cluster.port}`,
    `  fingerprint  ${cluster.fingerprint}`,
    `  token        ${cluster.token.id}=${cluster.token.secret}`,
    `  root@pam     ${cluster.rootPassword}`,
    '',
  ].join('\n')
}

/** How to look inside a host: commands that can be typed as they are. */
function hostsText({ hosts, identityFile, knownHosts }: LabAccess): string {
  const width = Math.max(...Object.keys(hosts).map((name) => name.length))
  // ssh splits the value of an option at blanks, unless it stands in double quotes.
  const known = /\s/.test(knownHosts) ? `"${knownHosts}"` : knownHosts
  const ssh = `ssh -i ${quote(identityFile)} -o ${quote(`UserKnownHostsFile=${known}`)}`
  const lines = Object.entries(hosts).map(
    ([name, { host, port }]) => `${name.padEnd(width)}  ${ssh} -p ${port} root@${host}`,
  )
  return `${lines.join('\n')}\nHosts run one command at a time (no shell): append it, e.g. cat /etc/network/interfaces\n`
}
