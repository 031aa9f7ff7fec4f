// The same API without HTTP: `pvesh` run as root on a node, for what no token may do, and before there is one.
import { OrionError } from '../errors.ts'
import { type Envelope, parseJson } from './answer.ts'
import { clusterOver, type OpenCluster } from './cluster.ts'
import type { Engine } from './engine.ts'
import type { Answer } from './exchange.ts'
import { toRefusal } from './refusal.ts'
import { type Request, toRequest } from './request.ts'

/** What a program left behind; fits host.ts's Output. */
export interface PveshOutput {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface PveshOptions {
  /** The cluster's name, for messages. */
  readonly cluster: string
  /** Runs one program as root on a node of the cluster; an exit code that is not 0 is no error. */
  readonly run: (argv: readonly string[]) => Promise<PveshOutput>
  readonly signal: AbortSignal
}

const VERBS = { GET: 'get', POST: 'create', PUT: 'set', DELETE: 'delete' } as const

/** A cluster whose every call is one `pvesh`. Errors: E_PVE_* as over HTTP, and those of `run`. */
export function openPvesh({ cluster, run, signal }: PveshOptions): OpenCluster {
  return clusterOver(cluster, signal, (onWrite): Engine => {
    const call: Engine['call'] = async (verb, path, template, params = {}) => {
      const request = toRequest(verb, path, template, params)
      const argv = toCommand(request)
      if (request.method === 'GET') return readOutput(request, await readTwice(argv, run), cluster)
      try {
        return readOutput(request, await run(argv), cluster)
      } finally {
        onWrite()
      }
    }
    // The command line tools of Proxmox VE act as this very user, which no token equals.
    return { who: async () => 'root@pam', call, close: async () => undefined }
  })
}

/** A read whose connection broke is done once more, over a new one; a write never is. */
async function readTwice(argv: readonly string[], run: PveshOptions['run']): Promise<PveshOutput> {
  try {
    return await run(argv)
  } catch (error) {
    if (!(error instanceof OrionError && error.code === 'E_HOST_LOST')) throw error
    return await run(argv)
  }
}

/**
 * The command line of a call: ids and values as they are, each an argument of its own.
 * Errors: E_PVE_PARAMETERS for a secret, which every process of the host could read, and for an id that a path cannot hold.
 */
export function toCommand({ method, path, body, title, secrets }: Request): readonly string[] {
  if (secrets.length > 0) throw notSent(`${title} has a secret, and a command line is no place for one`)
  const [place = '', query = ''] = path.split('?')
  const ids = place.replace('/api2/json', '').split('/').map(decodeURIComponent)
  // pvesh splits the path at every slash and knows no escapes.
  if (ids.some((id) => id.includes('/'))) throw notSent(`an id of ${title} has a slash`)
  const options = [...new URLSearchParams(body ?? query)].flatMap(([key, value]) => [`--${key}`, value])
  return ['pvesh', VERBS[method], ids.join('/') || '/', ...options, '--output-format', 'json']
}

function notSent(why: string): OrionError {
  return new OrionError(`Not sent to Proxmox VE: ${why}`, { code: 'E_PVE_PARAMETERS' })
}

function readOutput(request: Request, output: PveshOutput, cluster: string): Envelope {
  if (output.code === 0) return { data: parseData(request, output.stdout, cluster) }
  if (output.code === 127) {
    throw new OrionError(`${cluster}: there is no pvesh where ${request.title} was to be done`, {
      code: 'E_PVE_ANSWER',
      suggestions: ['Is Proxmox VE installed on this node?'],
    })
  }
  throw toRefusal(request, toAnswer(output), cluster)
}

// A task is waited for and prints its log first: the data is the last line then. No text at all is the API's null.
function parseData(request: Request, stdout: string, cluster: string): unknown {
  const text = stdout.trim()
  if (text === '') return null
  const whole = parseJson(text)
  const data = whole === undefined ? parseJson(text.slice(text.lastIndexOf('\n') + 1)) : whole
  if (data !== undefined) return data
  throw new OrionError(`${cluster} answered ${request.title} with text that is no JSON`, {
    code: 'E_PVE_ANSWER',
    recheck: request.method !== 'GET',
  })
}

/** `400 Parameter verification failed.`, then one line per parameter; `role 'x' does not exist` where there is no number. */
const NUMBERED = /^(\d{3}) (.*)$/s
const PARAMETER = /^([\w.[\]-]+): (.+)$/
/** What pvesh adds for a person at a keyboard. */
const USAGE = /^\s*(usage:|pvesh (get|set|create|delete|ls|help) )/i
/** Perl's complaint about a locale that came along over SSH and that the node does not have. */
const LOCALE = /^perl: warning: |^\s+(LANGUAGE|LANG|LC_\w+) = |^\s+are supported and installed /

/** What the program said, in the shape in which pveproxy would have said it. */
export function toAnswer({ stderr, code }: PveshOutput): Answer {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !LOCALE.test(line))
  const usage = lines.findIndex((line) => USAGE.test(line))
  const said = usage === -1 ? lines : lines.slice(0, usage)
  const [, number, text] = NUMBERED.exec(said.join('\n')) ?? []
  const message = text ?? said.join('\n')
  const status = number === undefined ? 500 : Number(number)
  const errors = status === 400 ? said.slice(1).flatMap(toParameter) : []
  const body = { message: message || `exit code ${code}`, errors: Object.fromEntries(errors) }
  return { status, reason: '', contentType: 'application/json', text: JSON.stringify(body), tooLarge: false }
}

function toParameter(line: string): [string, string][] {
  const [, name, why] = PARAMETER.exec(line.trim()) ?? []
  return name === undefined || why === undefined ? [] : [[name, why]]
}
