// Live news of a run on stderr: a moving view in a terminal, plain lines elsewhere, nothing where it is not wanted.
import type { On } from '../engine/events.ts'

export interface Progress {
  /** Give it to makePlan, applyPlan, removeResources and runProbes. */
  readonly on: On
  /** Gives the terminal back for a question meanwhile; what it gives goes on with the view. */
  pause(): Promise<() => void>
  /** Ends the view and gives the terminal back; call it before anything else is printed, also after an error. */
  stop(): Promise<void>
}

export interface ProgressOptions {
  /**
   * `live` for a terminal, `lines` for CI, `events` with --events, `none` with --json. Default: live where the stream is a
   * terminal, else lines; lines also under DEBUG, whose stack traces would tear up the view, and for a terminal that cannot
   * move its cursor.
   */
  readonly mode?: 'live' | 'lines' | 'events' | 'none'
  /** Default: stderr. */
  readonly stream?: NodeJS.WriteStream
  /** Also what the tasks of Proxmox VE log, line by line, where there are lines. */
  readonly verbose?: boolean
}

export async function showProgress(options: ProgressOptions = {}): Promise<Progress> {
  const { stream = process.stderr } = options
  const { DEBUG, TERM, CI } = process.env
  const mode =
    options.mode ?? (stream.isTTY && stream.columns > 0 && !DEBUG && !CI && TERM !== 'dumb' ? 'live' : 'lines')
  if (mode === 'none') return { on: () => {}, pause: async () => () => {}, stop: async () => {} }
  if (mode === 'events') return (await import('./progress-events.ts')).showEvents(stream)
  if (mode === 'live') return (await import('./progress-live.ts')).showLive(stream)
  return (await import('./progress-lines.ts')).showLines(stream, options)
}
