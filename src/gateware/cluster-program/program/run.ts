/**
 * The end of a run, from the column `start` to the one before `column`: its remaining moments, its label and the merging of
 * labels. A holds the label of the row above at the column behind the run, or 0.
 */
export const runProgram = `
attach:
    sta index
    lda pixels
    jz measured
    add active
    sta active
    lda active+1
    adc #0
    sta active+1
    lda y
    sta y0
    sta y1
    lda sum+1
    jp positive
    lda #-1
    sta sum+2
    sta sum+3
positive:
    ldp #w
    ldq #wy
    lda y
    call multiply.add.3
    ldp #wx
    ldq #wxy
    lda y
    call multiply.add.3
    ldp #wy
    ldq #wyy
    lda y
    call multiply.add.3
measured:

    lda #0
    sta label
    lda before
    call touch
    lda start
touch.columns:
    sta t
    ldp %a
    lda [p]
    and #-4
    call touch
    lda t
    add #1
    sub column
    jz touch.behind
    add column
    jmp touch.columns
touch.behind:
    lda index
    call touch

    lda label
    jz new.label
    ldq %a
    ldp #x0
    call add.record
    jmp mark.label
new.label:
    lda head
    jz drop.run
    sta label
    ldp %a
    lda [p+state]
    sta head
    jnz more.free
    sta tail
more.free:
    lda used
    add #1
    sta used
    ldq label
    ldp #x0
    ldn #state
    call copy
mark.label:
    ldp label
    lda label
    or #3
    sta [p+state]
    jmp write.label
drop.run:
    ldp #dropped
    call count.up
write.label:
    ldp start
write.columns:
    lda [p]
    and #3
    or label
    sta [p]+1
    lda %p
    sub column
    jnz write.columns
    sta start
    ret

touch:                        ; the run touches label A of the row above, if there is one
    jz touched
    ldp %a
    call find.root
    lda label
    jnz second
    lda %p
    sta label
touched:
    ret
second:
    sub %p
    jz touched
    lda label
    or #1
    sta [p+state]
    sta merged
    ldq label
    ; falls into add.record

add.record:                   ; record P is added to record Q
    ldn #2
least:
    lda [q]
    sub [p]
    jnc least.kept
    lda [p]
    sta [q]
least.kept:
    step [p]+1
    step [q]+1
    djnz least
    ldn #2
greatest:
    lda [p]
    sub [q]
    jnc greatest.kept
    lda [p]
    sta [q]
greatest.kept:
    step [p]+1
    step [q]+1
    djnz greatest
    ldn #6
    call add.words
    ldn #2
greatest.long:
    lda [q]
    sub [p]
    lda [q+1]
    sbc [p+1]
    jp long.kept
    lda [p]
    sta [q]
    lda [p+1]
    sta [q+1]
long.kept:
    step [p]+2
    step [q]+2
    djnz greatest.long
    ldn #24
    ; falls into add.words: no moment fills its four words, so no carry leaves one

add.words:                    ; N words at P are added to those at Q
    clc
add.word:
    lda [p]+1
    adc [q]
    sta [q]+1
    djnz add.word
    ret

find.root:                    ; P becomes the root of label P; uses t+1
    lda [p+state]
    and #-4
    sta t+1
    sub %p
    jz touched
    ldp t+1
    jmp find.root
`
