import type { SourceSet } from './sources.ts'

/** What may stand behind a name without making it an instantiation: `@(posedge a or b)`. */
const operators = new Set(['and', 'or', 'iff', 'inside', 'dist', 'with', 'throughout', 'within', 'intersect'])

/**
 * The modules that could be the top one: all that no other module in the sources instantiates. A reading of
 * the text that knows conditions and included files but expands no macros, so that it needs no Yosys.
 */
export function topCandidates(
  { files, sources }: Pick<SourceSet, 'files' | 'sources'>,
  defines: Readonly<Record<string, unknown>>,
): string[] {
  const defined = new Set(['SIMULATION', 'YOSYS', 'SYNTHESIS', ...Object.keys(defines)])
  const text = sources.map((name) => activeText(files, name, defined, [])).join('\n')
  const plain = text.replace(/"(?:\\.|[^"\\\n])*"/g, '""')
  const bodies = new Map<string, string>()
  const modules = /\b(?:macro)?module\s+(?:(?:static|automatic)\s+)?([A-Za-z_][\w$]*)(.*?)\bendmodule\b/gs
  for (const [, name, body] of plain.matchAll(modules)) bodies.set(name!, body!)
  const instantiated = new Set<string>()
  const pairs = /(?<![\w$.`\\])([A-Za-z_][\w$]*)(?![\w$])(?=\s*(#|\\|[A-Za-z_]\w*))/g
  for (const [module, body] of bodies)
    for (const [, name, next] of body.matchAll(pairs))
      if (name !== module && bodies.has(name!) && !operators.has(next!)) instantiated.add(name!)
  return [...bodies.keys()].filter((name) => !instantiated.has(name))
}

/** One file with what it includes, without comments and without the branches that are not compiled. */
function activeText(
  files: ReadonlyMap<string, string>,
  name: string,
  defined: Set<string>,
  from: readonly string[],
): string {
  const text = (files.get(name) ?? '').replace(
    /("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*.*?\*\//gs,
    (_, string?: string) => string ?? ' ',
  )
  /** Per open condition: is this branch compiled, and was one before it. */
  const conditions: { active: boolean; done: boolean }[] = []
  const parts: string[] = []
  const tokens =
    /`(?:(ifdef|ifndef|elsif|define|undef)\s+([A-Za-z_][\w$]*)|(else|endif)\b|include\s+"([^"\n]+)")|`|[^`]+/g
  for (const [token, directive, macro, end, included] of text.matchAll(tokens)) {
    const condition = conditions.at(-1)
    if (directive === 'ifdef' || directive === 'ifndef') {
      const active = defined.has(macro!) === (directive === 'ifdef')
      conditions.push({ active, done: active })
    } else if ((directive === 'elsif' || end === 'else') && condition) {
      condition.active = !condition.done && (end === 'else' || defined.has(macro!))
      condition.done ||= condition.active
    } else if (end === 'endif') conditions.pop()
    else if (!conditions.every(({ active }) => active)) continue
    else if (directive === 'define') defined.add(macro!)
    else if (directive === 'undef') defined.delete(macro!)
    else if (included !== undefined) {
      const path = includedPath(files, included)
      if (path !== undefined && !from.includes(path))
        parts.push(activeText(files, path, defined, [...from, name]))
    } else parts.push(token)
  }
  return parts.join('')
}

function includedPath(files: ReadonlyMap<string, string>, name: string): string | undefined {
  if (files.has(name)) return name
  const tail = `/${name.replace(/^(?:\.{0,2}\/)+/, '')}`
  return [...files.keys()].find((path) => path.endsWith(tail))
}
