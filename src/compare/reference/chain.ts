import { GemgateError } from '../../core/errors.ts'
import type { Frame } from '../../frame/frame.ts'
import { checkPedestalFits } from '../../frame/pedestal.ts'
import { measureClusters, type ReferenceCluster } from './cluster.ts'
import { dbscan } from './dbscan.ts'
import { medianFilter } from './median-filter.ts'
import { filterByNeighbours } from './neighbour-filter.ts'
import { rebin } from './rebin.ts'
import { type NoiseMaps, subtractPedestal } from './residual.ts'
import { checkReferenceSettings, type ReferenceSettings, simulated } from './settings.ts'
import { suppressZeros } from './zero-suppression.ts'

/** What CYGNO's chain makes of one frame. */
export interface ReferenceEvent {
  readonly clusters: readonly ReferenceCluster[]
  /** Macro-pixels that went into the clustering. */
  readonly points: number
  /** Pixels per side of a macro-pixel. */
  readonly binning: number
  /** How long it took. */
  readonly milliseconds: number
}

/**
 * CYGNO's offline reconstruction (CYGNUS-RD/reconstruction, branch winter23) as a slow readable reference:
 * upper cut, pedestal, zero suppression, accepted rows, 2 x 2 median filter at full resolution, rebinning,
 * neighbour filter, DBSCAN with the macro-pixels' counts as weights, cluster variables.
 *
 * Left out: the directional search that follows there, a RANSAC fit which joins the fragments of long straight
 * tracks; the correction of vignetting, which changes energies only; profiles. The rows are taken as they
 * lie in the frame, whereas CYGNO turns its images first, which matters only to the order in which the
 * neighbour filter goes through them.
 *
 * @param settings default: CYGNO's for simulated frames
 * Throws GG_PEDESTAL for a pedestal of another size, GG_FRAME_GEOMETRY for pixels that do not fill the frame,
 * GG_SETTINGS.
 */
export function referenceChain(
  frame: Pick<Frame, 'pixels' | 'width' | 'height' | 'source'>,
  pedestal: NoiseMaps,
  settings: ReferenceSettings = simulated,
): ReferenceEvent {
  checkReferenceSettings(settings)
  checkPedestalFits(pedestal, frame)
  const { pixels, width, height } = frame
  if (pixels.length !== width * height)
    throw new GemgateError(
      'GG_FRAME_GEOMETRY',
      `${frame.source} has ${pixels.length} pixels instead of ${width} x ${height}`,
      'Give whole frames.',
    )
  const start = performance.now()
  const { binning } = settings
  const residual = subtractPedestal(pixels, pedestal.mean, settings.upperCut)
  const rows = settings.acceptedRows ?? [0, height]
  const suppressed = suppressZeros(residual, pedestal.sigma, width, settings.sigma, rows)
  const counts = rebin(suppressed, width, height, binning)
  const cleaned = rebin(medianFilter(suppressed, width, height), width, height, binning)
  filterByNeighbours(cleaned, settings.minimumNeighbourMean)
  const { columns } = cleaned
  const weights = pointWeights(cleaned.values, counts.values)
  const labels = dbscan({ columns, rows: cleaned.rows, weights }, settings.radius, settings.minimumWeight)
  const clusters = measureClusters(labels, columns, { width, binning, residual, suppressed })
  const points = weights.reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0)
  return { clusters, points, binning, milliseconds: performance.now() - start }
}

/** Macro-pixels that do not round to 0 weigh their whole counts before the median filter, at least 1. */
function pointWeights(cleaned: Float64Array, counts: Float64Array): Int32Array {
  const weights = new Int32Array(cleaned.length)
  for (let i = 0; i < weights.length; i++)
    if (cleaned[i]! > 0.5) weights[i] = Math.max(1, Math.trunc(counts[i]!))
  return weights
}
