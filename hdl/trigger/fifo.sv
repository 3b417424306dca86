// fifo: first in, first out in one block RAM; s_ready is a flip-flop, m_data the memory's output register.
//
// Latency 2 clocks, throughput 1 word per clock. 2 ** DEPTH_BITS words of WIDTH bits, and one at the output.
`default_nettype none
module fifo #(
    parameter int WIDTH = 8,
    parameter int DEPTH_BITS = 4
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              s_valid,
    output logic             s_ready,
    input  wire  [WIDTH-1:0] s_data,
    output logic             m_valid,
    input  wire              m_ready,
    output logic [WIDTH-1:0] m_data
);
  localparam int D = DEPTH_BITS;
  logic [WIDTH-1:0] words[0:(1<<D)-1];
  logic [D-1:0] head, tail;
  logic [D:0] count;
  wire put = s_valid & s_ready;
  wire get = count != 0 && (~m_valid | m_ready);
  wire awake = rst | s_valid | m_valid | count != 0;
  wire [D:0] next_count = count + {{D{1'b0}}, put} - {{D{1'b0}}, get};

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      head <= '0;
      tail <= '0;
      count <= '0;
      m_valid <= 1'b0;
      s_ready <= 1'b1;
    end else begin
      if (put) tail <= tail + 1'b1;
      if (get) head <= head + 1'b1;
      count <= next_count;
      if (get) m_valid <= 1'b1;
      else if (m_ready) m_valid <= 1'b0;
      s_ready <= !next_count[D];
    end

  always_ff @(posedge clk) begin
    if (put) words[tail] <= s_data;
    if (get) m_data <= words[head];
  end
endmodule
`default_nettype wire
