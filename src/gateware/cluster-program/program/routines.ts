/** Routines on numbers of several words; P and Q stand behind them afterwards. */
export const routineProgram = `
clear.blocks:                 ; the entry of the map that comes next, not lit
    ldp map
    lda limbs
    add #1
    ldn %a
    lda #0
    sta lit
    ; falls into zero

zero:                         ; N words at P become 0
    lda #0
zero.word:
    sta [p]+1
    djnz zero.word
    ret

copy:                         ; N words from P to Q
    lda [p]+1
    sta [q]+1
    djnz copy
    ret

count.up:                     ; the two words at P
    lda [p]
    add #1
    sta [p]
    lda [p+1]
    adc #0
    sta [p+1]
    ret

multiply.add.3:               ; three words at Q += three words at P times A
    sta factor
    ldn #3
    clh
    clc
multiply.add.word:
    lda [p]+1
    mul factor
    adc [q]
    sta [q]+1
    djnz multiply.add.word
    ret

multiply.subtract:            ; four words at Q -= four words at P times A
    ldn #4
    jmp multiply.subtract.n
multiply.subtract.3:
    ldn #3
multiply.subtract.n:
    sta factor
    clh
    sec
multiply.subtract.word:
    lda [p]+1
    mul factor
    sta value
    lda [q]
    sbc value
    sta [q]+1
    djnz multiply.subtract.word
    ret

negate:                       ; four words at P
    ldn #4
    sec
negate.word:
    lda #0
    sbc [p]
    sta [p]+1
    djnz negate.word
    ret

halve:                        ; N numbers of four words, signed, P at the uppermost word of the last one
    asr [p]
    sta [p]-1
    ror [p]
    sta [p]-1
    ror [p]
    sta [p]-1
    ror [p]
    sta [p]-1
    djnz halve
    ret

at.least.square:              ; four words at P, at least 0, + square
    lda [p+3]
    jp not.negative
    ldn #4
    call zero
    step [p]-4
not.negative:
    lda [p]
    add square
    sta [p]+1
    lda [p]
    adc square+1
    sta [p]+1
    lda [p]
    adc #0
    sta [p]+1
    lda [p]
    adc #0
    sta [p]
    ret

root.next:                    ; the next bit of the radicand to the rest above it
    ldp #radicand
    ldn #5
    ; falls into double

double:                       ; N words at P
    clc
double.word:
    lda [p]
    adc %a
    sta [p]+1
    djnz double.word
    ret
`
