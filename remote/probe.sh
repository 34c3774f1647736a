# millwright-probe: prints one line on how busy this machine is, and nothing else can be had with its key.
#
#   millwright-probe 1 boot=ID load1=0.20 cpus=8 memory=BYTES memoryFree=BYTES store=BYTES storeFree=BYTES builds=2
#
# The number is the format's version. A value that cannot be found is left empty. Bytes are plain numbers;
# builds counts the build users that have a process. It does not look at what was asked for.
# shellcheck shell=sh

LC_ALL=C PATH=/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH

if [ -r /proc/meminfo ]; then
  boot=$(cat /proc/sys/kernel/random/boot_id)
  read -r load1 _ </proc/loadavg
  cpus=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
  memory=$(awk '/^MemTotal:/ { t = $2 } /^MemAvailable:/ { f = $2 }
    END { printf "memory=%.0f memoryFree=%.0f", t * 1024, f * 1024 }' /proc/meminfo)
else
  boot=$(sysctl -n kern.bootsessionuuid)
  load1=$(sysctl -n vm.loadavg | awk '{ print $2 }')
  cpus=$(sysctl -n hw.logicalcpu)
  # Free, inactive and speculative pages: what macOS would give to a new process.
  memory=$(vm_stat | awk -v total="$(sysctl -n hw.memsize)" '/page size of/ { size = $8 }
    /^Pages (free|inactive|speculative)/ { pages += $NF }
    END { printf "memory=%.0f memoryFree=%.0f", total, pages * size }')
fi
store=$(df -Pk /nix/store 2>/dev/null | awk 'NR == 2 { printf "store=%.0f storeFree=%.0f", $2 * 1024, $4 * 1024 }')
builds=$(ps -A -o user= 2>/dev/null | awk '/^_?nixbld/ && !seen[$1]++ { n++ } END { print n + 0 }')
echo "millwright-probe 1 boot=$boot load1=$load1 cpus=$cpus $memory ${store:-store= storeFree=} builds=$builds"
