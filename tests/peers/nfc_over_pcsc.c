/*
 * The ten functions of libnfc that mrtdreader uses, on top of PC/SC: Debian's libnfc knows no PC/SC readers. Built by
 * the test as libnfc.so.6; the reader is named by NFC_OVER_PCSC. Everything about the document is mrtdreader's own.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

struct device { SCARDCONTEXT service; SCARDHANDLE card; };
struct modulation { int type, rate; };

void nfc_init(void **context) { *context = malloc(1); }
void nfc_exit(void *context) { free(context); }

size_t nfc_list_devices(void *context, char names[][1024], size_t room)
{
    const char *reader = getenv("NFC_OVER_PCSC");
    (void)context;
    if (reader == NULL || room == 0)
        return 0;
    snprintf(names[0], 1024, "%s", reader);
    return 1;
}

struct device *nfc_open(void *context, const char *name)
{
    struct device *device = calloc(1, sizeof *device);
    DWORD protocol;
    (void)context;
    name = name != NULL ? name : getenv("NFC_OVER_PCSC");
    if (device == NULL || name == NULL
        || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &device->service) != SCARD_S_SUCCESS
        || SCardConnect(device->service, name, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &device->card, &protocol)
               != SCARD_S_SUCCESS) {
        free(device);
        return NULL;
    }
    return device;
}

void nfc_close(struct device *device)
{
    SCardDisconnect(device->card, SCARD_RESET_CARD);
    SCardReleaseContext(device->service);
    free(device);
}

int nfc_initiator_init(struct device *device) { (void)device; return 0; }
const char *nfc_device_get_name(struct device *device) { (void)device; return "PC/SC"; }
void nfc_perror(const struct device *device, const char *text) { (void)device; fprintf(stderr, "%s\n", text); }

int nfc_device_set_property_bool(struct device *device, int property, int value)
{
    (void)device; (void)property; (void)value;
    return 0;
}

int nfc_initiator_select_passive_target(struct device *device, struct modulation modulation, const uint8_t *data,
                                        size_t size, void *target)
{
    (void)device; (void)modulation; (void)data; (void)size; (void)target;
    return 1;
}

int nfc_initiator_transceive_bytes(struct device *device, const uint8_t *command, size_t size, uint8_t *answer,
                                   size_t room, int timeout)
{
    DWORD got = (DWORD)room;
    (void)timeout;
    if (SCardTransmit(device->card, SCARD_PCI_T1, command, (DWORD)size, NULL, answer, &got) != SCARD_S_SUCCESS)
        return -1;
    return (int)got;
}
