// A case of the Keeper's program as data: what its sensor says over time, what others do meanwhile, and what it does then.
import assert from 'node:assert/strict'
import { type Changes, makeStage, type Stage } from './stage.ts'

/** What the sensor says (°C, or a text of its own; undefined = it is gone) and for how many turns of 5 s; or what somebody does. */
export type Moment = readonly [reading: number | string | undefined, turns: number] | ((stage: Stage) => void)

export interface Row {
  readonly name: string
  readonly config?: Changes
  /** What is done before the first reading is done before the start. */
  readonly timeline: readonly Moment[]
  /** `SECONDS ACT VMID`, counted from the start. */
  readonly acts: readonly string[]
  /** State and alarms at the end. */
  readonly state: string
  readonly alarms?: readonly string[]
}

export const WARM: Moment = [60, 2]

/** Somebody writes a file of the programs that stand in for Proxmox VE's; undefined = takes it away. */
export const tells = (file: string, text: string | undefined) => (stage: Stage) => stage.put(`fake/${file}`, text)

/** Lives the row on a stage of its own, and asserts what it says. */
export async function assertRow(row: Row): Promise<void> {
  const stage = makeStage({ config: row.config })
  try {
    const acts = await live(stage, row.timeline)
    const { state, alarms } = stage.status()
    const raised = alarms.map(({ code, subject }) => `${code} ${subject}`)
    const wanted = { acts: row.acts, state: row.state, raised: row.alarms ?? [] }
    assert.deepEqual({ acts, state, raised }, wanted, stage.journal())
  } finally {
    await stage.close()
  }
}

async function live(stage: Stage, timeline: readonly Moment[]): Promise<string[]> {
  const acts: string[] = []
  let at = 0
  const first = timeline.findIndex((moment) => typeof moment !== 'function')
  for (const [index, moment] of timeline.entries()) {
    if (index === first) await stage.start()
    if (typeof moment === 'function') {
      moment(stage)
      continue
    }
    const [reading, turns] = moment
    stage.heat(reading)
    for (let turn = 0; turn < turns; turn += 1) {
      at += 5
      for (const act of await stage.turn()) acts.push(`${at} ${act}`)
    }
  }
  return acts
}
