// Windows guests that install themselves: the disc with the answers for Setup, which a VM needs before it is made.
import { asWanted } from '../probes/as-wanted.ts'
import { template } from '../render.ts'
import type { Probe, Resource, ResourceId } from '../resource.ts'
import { answerIso } from '../resources/answer-iso.ts'
import type { Guest, Site } from '../site/site.ts'
import { answerSecrets, windowsAnswers } from './windows/answers.ts'

const build = template<object>('windows/build')
const clear = template<object>('windows/clear')

/** None for a guest without `unattended`. Errors: E_IMAGE. */
export function answersOf(site: Site, guest: Guest, needs: readonly ResourceId[]): readonly Resource[] {
  const { unattended } = guest
  if (unattended === undefined) return []
  return [
    answerIso({
      site,
      guest,
      needs,
      secrets: answerSecrets(unattended),
      files: (secrets) => windowsAnswers(guest, unattended, secrets),
      build: build({}),
      clear: clear({}),
    }) as Resource,
  ]
}

/** Right after the run that made the guest its answers are there: the next one takes them away when Setup is over. */
export function answersProbe(resource: Resource): Probe {
  const probe = asWanted(resource, 'none left')
  return {
    ...probe,
    run: async (outside) => {
      const result = await probe.run(outside)
      return result.state === 'failed' ? { ...result, state: 'warning' } : result
    },
  }
}
