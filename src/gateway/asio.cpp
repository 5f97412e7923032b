// The one unit that compiles Asio itself; all others use only its declarations.
#include <boost/asio/impl/src.hpp>
