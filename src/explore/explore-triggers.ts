import { triggerCosts } from './costs.ts'
import type { TriggerPoint } from './exploration.ts'
import { frontOf } from './front.ts'
import { type TriggerChoice, triggerName } from './settings.ts'
import type { Workshop } from './workshop.ts'

/**
 * Measures ways to look for clusters. Their logic is one and the same: all of these settings are registers.
 * @param identity of the study's triggers
 */
export async function exploreTriggers(
  identity: string,
  workshop: Workshop,
  choices: readonly TriggerChoice[],
): Promise<TriggerPoint[]> {
  const outcomes = await workshop.all(
    'trigger',
    choices.map((choice) => ({
      task: { do: 'trigger', choice },
      description: { trigger: choice, study: identity },
    })),
  )
  const measured = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []))
  const front = frontOf(measured.map(triggerCosts))
  const best = new Set(measured.filter((_, at) => front[at]))
  return choices.map((choice, at) => {
    const outcome = outcomes[at]!
    const physics = 'result' in outcome ? outcome.result : null
    return {
      name: triggerName(choice),
      choice,
      physics,
      onFront: physics !== null && best.has(physics),
      failure: 'failure' in outcome ? outcome.failure : null,
    }
  })
}
