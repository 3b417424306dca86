/** One macro-pixel: background goes through within 50 clocks. */
export const macroPixelProgram = `
macro.pixel:
    wait
    ldp column
    lda %filtered0
    sub low
    lda %filtered1
    sbc low+1
    jp active
    lda [p]
    and #3
    jnz reached
    lda span
    jnz spanned

    lda %last                 ; in no run
    sta last
    take
    lda start
    jz background
    lda [p]
    call attach
    ldp column
background:
    lda [p]
    sta before
    lda #0
    sta [p]+1
    lda %p
    sta column
    lda last
    jz macro.pixel
    jmp row.end

reached:                      ; by an active one in a row above
    lda [p]
    sub #1
    sta [p]
    lda reach
    sta span
    lda start
    jnz linked
    call begin.run
    jmp linked

spanned:                      ; by an active one of this row
    sub #1
    sta span
linked:
    lda %last
    sta last
    take
    lda column
    add #1
    sta column
    lda last
    jz macro.pixel
    lda #0
    call attach
    jmp row.end

active:
    lda [p]
    and #-4
    or reach
    sta [p]
    lda reach
    sta span
    lda start
    jnz count
    call begin.run
count:
    lda column
    sub #half
    sub #half
    sta x
    sta x1
    lda pixels
    jnz not.first
    lda x
    sta x0
not.first:
    lda pixels
    add #1
    sta pixels
    lda sum
    add %content0
    sta sum
    lda sum+1
    adc %content1
    sta sum+1
    lda peak
    sub %filtered0
    lda peak+1
    sbc %filtered1
    jp not.peak
    lda %filtered0
    sta peak
    lda %filtered1
    sta peak+1
not.peak:
    lda brightest
    sub %content0
    lda brightest+1
    sbc %content1
    jp not.brightest
    lda %content0
    sta brightest
    lda %content1
    sta brightest+1
not.brightest:

    lda %filtered0            ; the map of blocks
    sub middle
    lda %filtered1
    sbc middle+1
    jn not.lit
    lda #1
    sta lit
not.lit:
    clh
    lda x
    mul ^4
    sta t                     ; x modulo 64, in the upper bits
    lda %h
    add map
    ldq %a
    clh
    lda t
    mul #16
    lda %h
    add #1
    ldn %a
    lda #0
    sec
block.bit:
    adc %a
    djnz block.bit
    or [q+1]
    sta [q+1]

    lda %content1             ; the weight: content within 0 to 16383
    jn linked
    jnz heaviest
    lda %content0
    and ^192
    jz weighted
heaviest:
    lda ^64
    sub #1
    jmp weigh
weighted:
    lda %content0
    jz linked
weigh:
    sta short
    clh
    mul x
    sta t
    lda %h
    sta t+1
    lda #0
    sta t+2
    ldp #short
    ldq #w
    lda #1
    call multiply.add.3
    ldp #t
    ldq #wx
    lda #1
    call multiply.add.3
    ldp #t
    ldq #wxx
    lda x
    call multiply.add.3
    jmp linked

begin.run:
    lda column
    sta start
    ldp #x0
    ldn #state
    call zero
    lda ^4
    sub #1
    sta x0
    sta y0
    lda #-2
    sta brightest+1
    ret
`
