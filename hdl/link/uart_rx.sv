// uart_rx: bytes from a serial line, 8 data bits, no parity, one stop bit; DIVISOR clocks per bit, 4 or more.
//
// The line is synchronised and each sample is the majority of three, so a disturbance of one clock is not seen: at
// DIVISOR 4 when the sender's clock agrees, from 8 on also when it is 2 % off. Without disturbances bits may be 4 %
// longer or 2 % shorter than DIVISOR. A start bit that is gone in its middle was none. `framing_error` pulses instead
// of `m_valid` when the stop bit is 0; the line must be 1 again before the next byte. m_valid lasts one clock: nobody
// can make a line wait.
`default_nettype none
module uart_rx #(
    parameter int DIVISOR = 4
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        rx,
    output logic       m_valid,
    output logic [7:0] m_data,
    output logic       framing_error
);
  localparam int C = $clog2(DIVISOR);
  // The edge is seen when the majority has turned, one clock into the bit.
  localparam logic [C-1:0] MIDDLE = C'(DIVISOR / 2 - 1);
  localparam logic [C-1:0] BIT = C'(DIVISOR - 1);

  logic [3:0] line;
  logic [C-1:0] count;
  logic [3:0] bits;
  logic busy, idle;
  wire level = (line[3] & line[2]) | (line[3] & line[1]) | (line[2] & line[1]);

  always_ff @(posedge clk) begin
    m_valid <= 1'b0;
    framing_error <= 1'b0;
    if (rst) begin
      line <= '1;
      busy <= 1'b0;
      idle <= 1'b0;
    end else begin
      line <= {line[2:0], rx};
      if (!busy) begin
        if (level) idle <= 1'b1;
        busy  <= idle & ~level;
        count <= MIDDLE;
        bits  <= 4'd0;
      end else if (count != 0) count <= count - 1'b1;
      else begin
        count <= BIT;
        bits  <= bits + 1'b1;
        if (bits == 0 && level) busy <= 1'b0;
        else if (bits != 9) m_data <= {level, m_data[7:1]};
        else begin
          busy <= 1'b0;
          idle <= level;
          m_valid <= level;
          framing_error <= ~level;
        end
      end
    end
  end
endmodule
`default_nettype wire
