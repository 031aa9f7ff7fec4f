// A run of orion that ends itself hard at a given note, for tests of what is left behind. Usage: reboot-process.ts PLACE WISH NOTE
import { applyPlan } from '../../src/engine/apply.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { outsideOf, resourcesOf } from './reboot-stage.ts'

const [place, wish, last] = process.argv.slice(2).map((text) => JSON.parse(text))
const { outside } = outsideOf(place)
const resources = resourcesOf(place.name, wish)
const plan = await makePlan(resources, outside, { site: 's', concurrency: 4 })
await applyPlan(plan, resources, outside, {
  concurrency: 4,
  on: (event) => {
    if (event.kind !== 'step-news' || event.news.kind !== 'info') return
    const told = `${event.id} ${event.news.text}`
    if (told.startsWith(last)) process.kill(process.pid, 'SIGKILL')
  },
})
