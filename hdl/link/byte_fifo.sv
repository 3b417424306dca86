// byte_fifo: bytes from a source that cannot wait; 2 ** DEPTH_BITS - 1 of them in block RAM.
//
// Latency 2 clocks, throughput 1 byte per clock. A byte that finds it full is lost: the CRC of its frame tells.
`default_nettype none
module byte_fifo #(
    parameter int DEPTH_BITS = 9
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    input  wire  [7:0] s_data,
    output logic       m_valid,
    input  wire        m_ready,
    output logic [7:0] m_data
);
  (* no_rw_check *) logic [7:0] bytes[0:(1<<DEPTH_BITS)-1];
  logic [DEPTH_BITS-1:0] head, tail;
  wire get = m_valid & m_ready;
  wire [DEPTH_BITS-1:0] next_head = head + DEPTH_BITS'(get);
  wire [DEPTH_BITS-1:0] next_tail = tail + 1'b1;
  wire put = s_valid & next_tail != head;

  always_ff @(posedge clk)
    if (rst) begin
      head <= '0;
      tail <= '0;
      m_valid <= 1'b0;
    end else begin
      head <= next_head;
      if (put) tail <= next_tail;
      m_valid <= next_head != tail;
    end

  always_ff @(posedge clk) begin
    if (put) bytes[tail] <= s_data;
    m_data <= bytes[next_head];
  end
endmodule
`default_nettype wire
