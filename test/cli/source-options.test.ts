import { expect, it } from 'vitest'
import { defaultSigma } from '../../src/cli/options.ts'
import { openSource, type SourceOptions } from '../../src/cli/source-options.ts'
import { calibrate } from '../../src/trigger/calibrate.ts'
import { smallRun } from '../support/chain.ts'

const options: SourceOptions = { source: 'missing', seed: 1, geometry: 'test64' }

it.each<[given: Partial<SourceOptions>, message: RegExp]>([
  [{ sigmaLow: 9 }, /--sigma-high 8 \(default\) is below --sigma-low 9/],
  [{ sigmaLow: 9, sigmaHigh: 8.5 }, /--sigma-high 8.5 is below --sigma-low 9/],
  [{ sigmaHigh: 2 }, /--sigma-high 2 is below --sigma-low 2.5 \(default\)/],
  [{ sigmaHigh: 3, source: 'synthetic' }, /--sigma-high 3 is below --sigma-low 4 \(default\)/],
  [{ sigmaHigh: 3, pedestal: 'dark' }, /--sigma-high 3 is below --sigma-low 4 \(default\)/],
])('refuses thresholds that contradict each other or the default: %j', async (given, message) => {
  await expect(openSource({ ...options, ...given })).rejects.toMatchObject({
    code: 'GG_USAGE',
    message: expect.stringMatching(message),
  })
})

it.each<Partial<SourceOptions>>([{ sigmaLow: 8 }, { sigmaHigh: 3 }, { sigmaLow: 9, sigmaHigh: 9 }])(
  'takes %j',
  async (given) => {
    await expect(openSource({ ...options, ...given })).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  },
)

it('knows the defaults of the calibration', () => {
  const { frames, configuration } = smallRun()
  const { width, height } = configuration.settings
  const geometry = { width, height, binning: 4 } as const
  const noise = frames.map(({ pixels }) => pixels)
  for (const skewed of [false, true]) {
    const sigmaLow = skewed ? defaultSigma.lowWithoutPedestal : defaultSigma.low
    const given = { skewed, sigmaLow, sigmaHigh: defaultSigma.high }
    expect(calibrate(geometry, configuration.pedestal, noise, given)).toEqual(
      calibrate(geometry, configuration.pedestal, noise, { skewed }),
    )
  }
})
