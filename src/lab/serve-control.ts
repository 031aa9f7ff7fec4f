// The /lab/ endpoints beside the simulated API: faults, new hardware, the mirror of sums files, the end.
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Faults, toFaultRule } from './faults.ts'
import { type HostFaults, toHostFaultRule } from './host/host-faults.ts'
import type { LabFiles, LabSecrets } from './lab-files.ts'
import { sumsText } from './mirror.ts'
import { readParams } from './server-body.ts'
import { replyText } from './server-reply.ts'
import type { Hardware, World } from './world.ts'
import { renewHardware } from './world-file.ts'

/** What the endpoints may touch of the serving process. */
export interface Control {
  readonly files: LabFiles
  readonly secrets: LabSecrets
  readonly clusters: readonly { readonly name: string; readonly world: World }[]
  readonly hosts: { readonly served?: { readonly faults: HostFaults } }
  close(): Promise<void>
}

/** What lies under /lab/: the mirror for everybody, the rest for whoever holds the lab's secret. */
export async function answerLab(
  control: Control,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { secrets, files, clusters } = control
  if (url.pathname === '/lab/mirror') {
    answerMirror(clusters, url, response)
    return
  }
  if (!isSecret(request.headers['x-lab-secret'], secrets.secret)) {
    replyText(response, 401, '', 'the lab secret is wrong or missing')
    return
  }
  const asked = `${request.method} ${url.pathname}`
  if (asked === 'GET /lab/status') replyText(response, 200, JSON.stringify({ pid: process.pid }), 'OK')
  else if (asked === 'POST /lab/faults') {
    const rule = toFaultRule(await readParams(request, ''))
    if (rule) faults.add(rule)
    replyText(response, rule ? 200 : 400, '', rule ? 'OK' : 'this is no fault rule')
  } else if (asked === 'POST /lab/host-faults') {
    const rule = toHostFaultRule(await readParams(request, ''))
    if (rule) control.hosts.served?.faults.add(rule)
    replyText(response, rule ? 200 : 400, '', rule ? 'OK' : 'this is no fault rule')
  } else if (asked === 'DELETE /lab/faults') {
    faults.clear()
    control.hosts.served?.faults.clear()
    replyText(response, 200, '', 'OK')
  } else if (asked === 'POST /lab/hardware') await answerHardware(files, clusters, response)
  else if (asked === 'POST /lab/close') {
    response.on('finish', () => void control.close())
    replyText(response, 200, '', 'OK')
  } else replyText(response, 501, '', `${asked} is not one of the lab`)
}

function answerMirror(clusters: Control['clusters'], url: URL, response: ServerResponse): void {
  const asked = url.searchParams.get('url') ?? ''
  if (!URL.canParse(asked)) replyText(response, 400, '', 'url is not an address')
  else {
    const hardware = clusters.map(({ world }) => world.state.hardware)
    replyText(response, 200, sumsText(asked, hardware, url.searchParams.get('file') ?? undefined), 'OK')
  }
}

/** Reads hardware.json again; false where a cluster, a node or a router came or went, or the version is another: that takes a new process. */
async function answerHardware(files: LabFiles, clusters: Control['clusters'], response: ServerResponse): Promise<void> {
  const hardware = await files.readHardware()
  const keyOf = ({ cluster, version, nodes, routers = [] }: Hardware) =>
    `${cluster} ${version} ${[...nodes, ...routers].map(({ name }) => name).sort()}`
  const known = clusters.map(({ world }) => keyOf(world.state.hardware)).sort()
  const wanted = hardware.map(keyOf).sort()
  const same = known.join('\n') === wanted.join('\n')
  for (const part of same ? hardware : []) {
    const world = clusters.find(({ name }) => name === part.cluster)?.world
    if (world) renewHardware(world, part)
  }
  replyText(response, 200, JSON.stringify({ renewed: same }), 'OK')
}

function isSecret(given: string | string[] | undefined, secret: string): boolean {
  const left = Buffer.from(typeof given === 'string' ? given : '')
  const right = Buffer.from(secret)
  return left.length === right.length && timingSafeEqual(left, right)
}
