// SPDX-License-Identifier: Apache-2.0
//
// The authentication trailer: what was sealed is authentic and nothing else is, stamps only grow,
// and nothing is taken twice. Input: one byte that chooses, then what the chosen part reads.
#include "sidecar/base/check.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace havip::fuzz {
namespace {

using std::chrono::seconds;

constexpr std::size_t header_size = 8;
constexpr std::size_t checksum_offset = 6;
constexpr std::size_t head_size = 12;  // of a trailer: all but the code
constexpr std::size_t longest_message = 64;

vrrp::HmacKey key_of(std::uint8_t id) {
  std::vector<std::byte> bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i);
  }
  return {.id = id, .secret = Secret{std::move(bytes)}};
}

/// A trailer and a message: what is read of the trailer is written again, and makes the message
/// authentic until a bit is changed.
void seal(Input input) {
  const auto source =
      (input.u8() & 1U) == 0 ? IpAddress::v4(0x0a090001) : *IpAddress::parse("fe80::ff:fe00:1");
  const auto which_bit = input.u16();
  const auto bytes = input.take(vrrp::trailer_size);
  const auto trailer = vrrp::read_trailer(bytes);
  const auto rest = input.take(longest_message);
  const std::vector<std::byte> message{rest.begin(), rest.end()};
  if (!trailer) {
    return;
  }
  const auto key = key_of(trailer->key_id);
  const bool authentic = vrrp::is_authentic(message, *trailer, key, source);
  if (message.size() < header_size) {
    CHECK(!authentic);
    return;
  }
  auto sealed = message;
  vrrp::append_trailer(sealed, key, trailer->stamp, source);
  const auto own_bytes = std::span<const std::byte>{sealed}.last(vrrp::trailer_size);
  CHECK(std::ranges::equal(own_bytes.first(head_size), bytes.first(head_size)));
  const auto own = *vrrp::read_trailer(own_bytes);
  CHECK(authentic == (own == *trailer));
  CHECK(vrrp::is_authentic(message, own, key, source));

  auto changed = sealed;
  const auto bit = which_bit % (8 * sealed.size());
  changed[bit / 8] ^= std::byte{1} << (bit % 8);
  const std::span<const std::byte> all{changed};
  const auto changed_trailer = vrrp::read_trailer(all.last(vrrp::trailer_size));
  const bool in_checksum = bit / 8 == checksum_offset || bit / 8 == checksum_offset + 1;
  if (changed_trailer) {
    CHECK(vrrp::is_authentic(all.first(message.size()), *changed_trailer, key, source) ==
          in_checksum);
  }
}

/// Any time from 1970 to past the wrap of the 32-bit seconds.
vrrp::WallTime time_of(Input& input) {
  const auto high = input.u8() & 1U;
  return vrrp::WallTime{seconds{std::int64_t{high} << 32U | input.u32()}} +
         std::chrono::microseconds{input.u16()};
}

void make_stamps(Input input) {
  vrrp::StampMaker maker;
  std::optional<vrrp::Stamp> last;
  while (!input.is_empty()) {
    const auto stamp = maker.next(time_of(input));
    CHECK(!last || stamp.after(*last));
    CHECK(!last || !last->after(stamp));
    last = stamp;
  }
}

/// Few senders, so that none is forgotten: all that is taken of one grows and is near the present.
void guard(Input input) {
  constexpr std::size_t senders = 4;
  constexpr Duration window = seconds{5};
  vrrp::ReplayGuard guard;
  std::array<std::optional<vrrp::Stamp>, senders> last;
  auto now = time_of(input);
  while (!input.is_empty()) {
    const std::size_t sender = input.u8() % senders;
    now += seconds{input.u8() % 8};
    const auto count = static_cast<std::uint32_t>(now.time_since_epoch() / seconds{1});
    const vrrp::Stamp stamp{.seconds = count + input.u8() - 128,
                            .fraction = input.u16(),
                            .counter = static_cast<std::uint16_t>(input.u8() % 4)};
    if (!guard.take(IpAddress::v4(static_cast<std::uint32_t>(sender)), stamp, now, window)) {
      continue;
    }
    CHECK(!last.at(sender) || stamp.after(*last.at(sender)));
    const auto ahead = static_cast<std::int32_t>(stamp.seconds - count);
    CHECK(ahead >= -5 && ahead <= 5);
    last.at(sender) = stamp;
    CHECK(!guard.take(IpAddress::v4(static_cast<std::uint32_t>(sender)), stamp, now, window));
  }
}

void run(Input input) {
  switch (input.u8() % 3) {
    case 0:
      return seal(input);
    case 1:
      return make_stamps(input);
    default:
      return guard(input);
  }
}

}  // namespace
}  // namespace havip::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::run({data, size});
  return 0;
}
