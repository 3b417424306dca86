import type { Frame } from '../../frame/frame.ts'
import { type Deposit, type RecoilClass, recoilClass } from '../../frame/truth.ts'
import type { Cluster, EventRecord } from '../../trigger/event-packet.ts'
import type { Region } from '../../trigger/regions.ts'
import { type Disagreement, describeDisagreement, severity } from '../disagreement.ts'
import { recoilClasses } from '../match.ts'
import type { FramePhysics } from '../physics.ts'
import type { BoxMark, CropGroup, CropPicture, FramePicture, TruthMark } from './picture-data.ts'
import { type DarkLevel, darkLevel, type GreyPicture, renderRegion } from './render.ts'

export interface PictureOptions {
  /** Whole frames to keep; default 6. */
  readonly frames?: number
  /** Crops to keep of each group; default 4: a row of the page. Of disagreements three times as many. */
  readonly cropsPerGroup?: number
  /**
   * Light per energy of this camera, for energies on pictures: the cluster's sum over this, uncorrected for
   * vignetting, saturation or gain. 1760 for the simulated LIME. Without it clusters show their light in ADU.
   */
  readonly aduPerKeVee?: number | undefined
}

interface Ranked<T> {
  readonly interest: number
  readonly picture: T
}

/** Side of the largest picture of a whole frame, in PNG pixels: LIME is shown 4 to 1. */
const frameSide = 576
/** Side of a crop in PNG pixels: shown about 3 to 1 on the page, larger clusters are averaged down. */
const cropSide = 80

/** Keeps small pictures of the most interesting frames and clusters of a stream. */
export class PictureCollector {
  readonly #options: PictureOptions
  readonly #frames: Ranked<FramePicture>[] = []
  readonly #crops = new Map<CropGroup, Ranked<CropPicture>[]>()
  #pedestal: { readonly words: Uint32Array; readonly level: DarkLevel } | undefined

  constructor(options: PictureOptions = {}) {
    this.#options = options
  }

  /** @param pedestal the words that the frame was processed with, `record.width` to a row */
  add(
    frame: Frame,
    record: EventRecord,
    physics: FramePhysics,
    disagreements: readonly Disagreement[] = [],
    pedestal?: Uint32Array,
  ): void {
    let level: DarkLevel | undefined
    const dark = (): DarkLevel => (level ??= this.#dark(frame, record.width, pedestal))
    const boxes = record.clusters.map((c, i) => this.#box(c, physics.regions[i]!))
    const truth = (frame.truth?.deposits ?? []).flatMap((d) => truthMark(d, frame.width))
    const interest = frameInterest(physics, boxes, disagreements)
    keepBest(this.#frames, this.#options.frames ?? 6, interest, () => ({
      frame: frame.number,
      image: renderRegion(frame, whole(frame), frameScale(frame), dark()),
      boxes,
      truth,
      areaDiscarded: physics.areaDiscarded,
      signalKept: physics.signalKept,
    }))
    const crop = (group: CropGroup, rank: number, at: Region, facts: Partial<CropPicture>): void =>
      this.#crop(group, rank, () => ({
        group,
        frame: frame.number,
        image: cropImage(frame, at, dark()),
        boxes,
        truth,
        winner: null,
        scores: null,
        truthText: null,
        energyText: null,
        note: null,
        ...facts,
      }))
    record.clusters.forEach((cluster, i) => {
      const { group, rank } = clusterGroup(cluster, physics, i)
      crop(group, rank, physics.regions[i]!, this.#facts(cluster, physics, i, frame))
    })
    physics.outcomes.forEach((outcome, i) => {
      if (outcome === null || outcome.found) return
      const deposit = frame.truth!.deposits[i]!
      const { x, y } = centre(deposit, frame.width)
      const at = { x: Math.round(x), y: Math.round(y), width: 0, height: 0 }
      const text = `${truthText(deposit)}, ${(100 * outcome.kept).toFixed(0)} % of its light inside regions`
      crop('missed', outcome.adu, at, { truthText: text })
    })
    disagreements.forEach((d) => {
      const region = d.cluster === null ? undefined : physics.regions[d.cluster]
      if (region === undefined) return
      const facts = this.#facts(record.clusters[d.cluster!]!, physics, d.cluster!, frame)
      crop('disagreement', severity(d), region, { ...facts, note: describeDisagreement(d) })
    })
  }

  /** The frames in their order, and the crops by group, most interesting first. */
  finish(): { frames: FramePicture[]; crops: CropPicture[] } {
    const groups: CropGroup[] = ['disagreement', 'nuclear', 'electron', 'other', 'wrong', 'missed', 'false']
    return {
      frames: this.#frames.map((f) => f.picture).sort((a, b) => a.frame - b.frame),
      crops: groups.flatMap((group) => (this.#crops.get(group) ?? []).map((c) => c.picture)),
    }
  }

  #crop(group: CropGroup, interest: number, make: () => CropPicture): void {
    const list = this.#crops.get(group) ?? []
    this.#crops.set(group, list)
    const most = (group === 'disagreement' ? 3 : 1) * (this.#options.cropsPerGroup ?? 4)
    keepBest(list, most, interest, make)
  }

  #dark(frame: Frame, width: number, words?: Uint32Array): DarkLevel {
    if (words === undefined) return darkLevel(frame)
    if (this.#pedestal?.words !== words) this.#pedestal = { words, level: darkLevel(frame, { words, width }) }
    return this.#pedestal.level
  }

  #box(cluster: Cluster, region: Region): BoxMark {
    const winner = classOf(cluster)
    return { region, class: winner, label: `${shortName[winner]} ${this.#energy(cluster)}` }
  }

  #energy(cluster: Cluster): string {
    const { aduPerKeVee } = this.#options
    return aduPerKeVee === undefined ? lightText(cluster.sum) : energyText(cluster.sum / aduPerKeVee)
  }

  #facts(cluster: Cluster, physics: FramePhysics, index: number, frame: Frame): Partial<CropPicture> {
    const match = physics.matches?.[index]
    const deposit = match?.deposit == null ? undefined : frame.truth!.deposits[match.deposit]
    const mixed = match?.ambiguous === true ? ' and light of another class' : ''
    return {
      winner: classOf(cluster),
      scores: [...cluster.scores],
      energyText: `${this.#options.aduPerKeVee === undefined ? '' : 'about '}${this.#energy(cluster)}`,
      truthText:
        deposit !== undefined ? truthText(deposit) + mixed : match === undefined ? null : 'no light here',
    }
  }
}

export const shortName: Readonly<Record<RecoilClass, string>> = {
  nuclear: 'NR',
  electron: 'ER',
  other: 'other',
}

/** `0.8 keV`, `12 keV`, `5.5 MeV`. */
export function energyText(keV: number): string {
  if (keV >= 1000) return `${(keV / 1000).toFixed(1)} MeV`
  return `${keV.toFixed(keV < 9.95 ? 1 : 0)} keV`
}

/** `850 ADU`, `12.3 kADU`, `1.2 MADU`. */
export function lightText(adu: number): string {
  const size = Math.abs(adu)
  if (size < 999.5) return `${adu.toFixed(0)} ADU`
  const [scaled, unit] = size < 999_500 ? [adu / 1e3, 'kADU'] : [adu / 1e6, 'MADU']
  return `${scaled.toFixed(Math.abs(scaled) < 99.95 ? 1 : 0)} ${unit}`
}

function truthText({ particle, keVee, keVnr }: Deposit): string {
  const recoil = keVnr === null ? '' : ` (${energyText(keVnr)} recoil)`
  return `${particle} ${energyText(keVee)}${recoil}`
}

function classOf(cluster: Cluster): RecoilClass {
  return recoilClasses[cluster.winner] ?? 'other'
}

/** Recoils count most, noise hardly; disagreements always win. */
function frameInterest(physics: FramePhysics, boxes: readonly BoxMark[], wrong: readonly unknown[]): number {
  const worth = { nuclear: 3, electron: 2, other: 1 }
  const light = (i: number): number => (physics.matches?.[i]?.deposit === null ? 0.3 : 1)
  const seen = boxes.reduce((sum, box, i) => sum + worth[box.class] * light(i), 0)
  const missed = physics.outcomes.filter((o) => o !== null && !o.found).length
  return 1000 * wrong.length + seen + 2 * missed
}

/** Recoils are ranked by how close they are to the 55Fe line, where published results exist; the rest by size. */
function clusterGroup(
  cluster: Cluster,
  physics: FramePhysics,
  index: number,
): { group: CropGroup; rank: number } {
  const winner = classOf(cluster)
  const match = physics.matches?.[index]
  if (match === undefined) return { group: winner, rank: cluster.sum }
  if (match.deposit === null) return { group: 'false', rank: cluster.peak }
  const rank = (match.ambiguous || !match.best ? -10 : 0) - Math.abs(Math.log(match.keVee! / 5.9))
  return { group: !match.ambiguous && match.truth !== winner ? 'wrong' : winner, rank }
}

function keepBest<T>(list: Ranked<T>[], most: number, interest: number, make: () => T): void {
  if (list.length >= most && !(interest > (list[list.length - 1]?.interest ?? Infinity))) return
  list.push({ interest, picture: make() })
  list.sort((a, b) => b.interest - a.interest)
  if (list.length > most) list.pop()
}

function whole(frame: Frame): Region {
  return { x: 0, y: 0, width: frame.width, height: frame.height }
}

function frameScale(frame: Frame): number {
  return Math.max(1, Math.ceil(Math.max(frame.width, frame.height) / frameSide))
}

/** A square around the region, as far as the frame goes, of about `cropSide` pixels after averaging. */
function cropImage(frame: Frame, at: Region, dark: DarkLevel): GreyPicture {
  const scale = Math.max(1, Math.ceil((Math.max(at.width, at.height) + 8) / cropSide))
  const side = Math.min(cropSide * scale, frame.width, frame.height)
  const place = (from: number, size: number, limit: number): number =>
    Math.round(Math.min(Math.max(0, from + size / 2 - side / 2), limit - side))
  const x = place(at.x, at.width, frame.width)
  const y = place(at.y, at.height, frame.height)
  return renderRegion(frame, { x, y, width: side, height: side }, scale, dark, { followPeak: true })
}

function truthMark(deposit: Deposit, width: number): TruthMark[] {
  if (!(deposit.adu > 0) || deposit.pixels.length === 0) return []
  return [{ ...centre(deposit, width), class: recoilClass(deposit.particle), label: truthText(deposit) }]
}

/** Centre of the light: the vertex of a muon may lie outside the sensor. */
function centre(deposit: Deposit, width: number): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0]
  for (let i = 0; i < deposit.pixels.length; i++) {
    const light = deposit.light[i]!
    sum += light
    x += light * ((deposit.pixels[i]! % width) + 0.5)
    y += light * (Math.floor(deposit.pixels[i]! / width) + 0.5)
  }
  return { x: x / sum, y: y / sum }
}
