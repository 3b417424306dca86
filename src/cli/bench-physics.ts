import type { Output } from './output.ts'
import { Progress } from './progress.ts'

export interface PhysicsFlags {
  readonly quick?: boolean
  readonly threads?: number
}

/** `bench physics`: how well trigger and classifiers do, beside the ideal observer and today's software. */
export async function benchPhysics(
  { quick, threads }: PhysicsFlags,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const bench = await import('../../bench/physics.ts')
  let label = ''
  let progress: Progress | undefined
  const result = await bench.benchPhysics({
    quick: quick === true,
    ...(threads === undefined ? {} : { threads }),
    signal,
    onProgress: (what, done, all) => {
      if (what !== label) progress = new Progress(what, all)
      label = what
      progress?.reach(done)
      if (done === all) progress?.finish()
    },
  })
  for (const line of describe(result)) output.text(line)
  output.result(result)
}

type Result = Awaited<ReturnType<typeof import('../../bench/physics.ts')['benchPhysics']>>

function describe(result: Result): string[] {
  const energy = (value: number | null, error?: number | null): string =>
    value === null ? 'beyond' : `${value.toFixed(3)}${error == null ? '' : ` +- ${error.toFixed(3)}`}`
  const percent = (value: number): string => `${(100 * value).toFixed(3)} %`
  const { empty, stressed, timing, scenarios, placements, gain } = result
  return [
    `false regions per empty frame: ${empty.regions} in ${empty.frames}, below ${empty.upperLimit90.toFixed(4)} (90 %)`,
    ...stressed.map(
      ({ stress, regions, frames, upperLimit90 }) =>
        `  ${stress.padEnd(22)} ${regions} in ${frames}, below ${upperLimit90.toFixed(4)}`,
    ),
    'efficiency                          50 %             90 %    (keVee)',
    ...(['centre', 'sensor'] as const).flatMap((place) => {
      const { datapath, ideal, tileTrigger } = placements[place]
      const rows = [
        ['datapath', datapath],
        ['ideal matched filter', ideal],
        ['tile trigger', tileTrigger.tuned],
        ['tile trigger as in LIME', tileTrigger.real],
      ] as const
      return rows.flatMap(([name, e]) =>
        e === null
          ? []
          : [
              `  ${place.padEnd(7)} ${name.padEnd(24)} ${energy(e.keVeeAt50, e.errorAt50).padEnd(16)} ${energy(e.keVeeAt90, e.errorAt90)}`,
            ],
      )
    }),
    ...Object.entries(gain).map(
      ([factor, e]) =>
        `  ${`centre  datapath, light x ${factor}`.padEnd(32)} ${energy(e.keVeeAt50, e.errorAt50).padEnd(16)} ${energy(e.keVeeAt90, e.errorAt90)}`,
    ),
    'one approximation after the other, with false regions in empty frames',
    ...result.losses.map(
      ({ step, keVeeAt50, errorAt50, keVeeAt90, errorAt90, falseRegions: { regions, frames } }) =>
        `  ${step.padEnd(32)} ${energy(keVeeAt50, errorAt50).padEnd(16)} ${energy(keVeeAt90, errorAt90).padEnd(16)} ${regions} in ${frames}`,
    ),
    ...Object.entries(scenarios).map(
      ([name, s]) =>
        `${name}: ${s.frames} frames, ${percent(s.signalKept)} of the light kept, ${percent(s.areaDiscarded)} of the area discarded, ${s.falseRegions} false regions`,
    ),
    ...result.classifiers.flatMap(({ name, luts, bins }) => [
      `${name}, ${luts} LUTs: AUC of nuclear against electron recoils (float; density cut), nuclear recoils kept at 90 % rejection`,
      ...bins.map(
        ({ keVee: [low, high], auc, error, floatAuc, densityCutAuc, nrAt90 }) =>
          `  ${`${low}-${high} keVee`.padEnd(12)} ${auc.toFixed(3)} +- ${error.toFixed(3)} (${floatAuc.toFixed(3)}; ${densityCutAuc.toFixed(3)}), ${percent(nrAt90)}${auc < 0.6 ? ', not separable' : ''}`,
      ),
    ]),
    `latency after the last pixel: ${timing.latencyUs.median.toFixed(1)} us, at worst ${timing.latencyUs.worst.toFixed(1)} us at 30 MHz (${timing.frames} frames; ${timing.differingBytes} bytes differ from the model)`,
    `per frame: model ${timing.modelMs.toFixed(0)} ms, sim ${timing.simMs.toFixed(0)} ms, CYGNO's offline chain ${result.referenceChainMsPerFrame.toFixed(0)} ms with ${result.referenceChain.falseClustersPerEmptyFrame.toFixed(1)} clusters in an empty frame`,
  ]
}
